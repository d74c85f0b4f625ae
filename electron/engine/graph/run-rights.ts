import { EngineError } from '../base/errors.ts';

/** What a Dockerfile may only do where the person who builds it said so. */
export const GRANTS = ['security.insecure', 'network.host'] as const;
export type Grant = (typeof GRANTS)[number];

/** What a build lets its RUNs do. */
export interface RunRights {
  readonly grants: readonly Grant[];
  /** The network of a RUN that does not choose one. */
  readonly network: 'default' | 'none' | 'host';
}

export const DEFAULT_RIGHTS: RunRights = { grants: [], network: 'default' };

/** Fails with RUN_NOT_GRANTED where the build was not given the right that a flag of RUN needs. */
export function requireGrant({ grants }: RunRights, grant: Grant, flag: string): void {
  if (grants.includes(grant)) return;
  throw new EngineError(
    'RUN_NOT_GRANTED',
    `RUN ${flag} needs the grant ${grant}, which this build was not given.`,
    {
      hint: `Add --allow ${grant} to the build if you trust the Dockerfile.`,
    },
  );
}
