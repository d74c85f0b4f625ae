import type { ImageName } from '../../../shared/miss-reason.ts';

/**
 * What is remembered of a step besides its key, so that a later miss of it can be told in terms of what somebody wrote. One line of
 * this a step and build is kept in the store (store/solved-store.ts), as JSON.
 */
export interface StepFacts {
  /** Label of its stage: the name, or the number of one without. */
  readonly stage: string;
  /** The instruction as written, with its heredocs. */
  readonly source: string;
  /** Variables that its words name, with their values; of what holds a secret only a digest. */
  readonly variables: Readonly<Record<string, string>>;
  /** Which variables come from ARG. */
  readonly args: readonly string[];
  /** Its key's operation holds a secret, so that nothing of it is told. */
  readonly secret?: true;
  readonly platform: string;
  /** The image that the stage begins with, whatever stages lie between. */
  readonly base?: ImageName;
  /** How many of the layers below are that image's. */
  readonly baseLayers: number;
  /** What it reads, in the order of its key's `files` parts. */
  readonly reads: readonly ReadFacts[];
}

export interface ReadFacts {
  readonly kind: 'context' | 'named' | 'stage' | 'image';
  /** The stage's label. */
  readonly stage?: string;
  readonly image?: ImageName;
  /** Content digests of the layers it consists of. */
  readonly chain?: readonly string[];
}

/** A step of a build that ended. */
export interface SolvedStep extends StepFacts {
  readonly key: string;
  /** cacheKey's version. */
  readonly version: number;
  /** Content digest of the layer it added. */
  readonly layer?: string;
  /** It has no record: it failed, or the build ended before. */
  readonly failed?: true;
}

/** A build of a project, as far as it was solved. */
export interface SolvedBuild {
  readonly steps: readonly SolvedStep[];
  /** Patterns of the context's ignore file; absent where they are too many. */
  readonly ignore?: readonly { readonly text: string; readonly exception: boolean }[];
  /** Digest of the patterns. */
  readonly ignoreDigest: string;
}

/** Reads what the store kept; undefined where it is not of this form. */
export function parseSolvedBuild(text: string): SolvedBuild | undefined {
  try {
    const build = JSON.parse(text) as Partial<SolvedBuild> | null;
    if (!Array.isArray(build?.steps) || typeof build.ignoreDigest !== 'string') return undefined;
    const isWhole = build.steps.every(
      (step: Partial<SolvedStep> | null) =>
        typeof step?.stage === 'string' &&
        typeof step.source === 'string' &&
        typeof step.key === 'string' &&
        typeof step.variables === 'object' &&
        Array.isArray(step.args) &&
        Array.isArray(step.reads),
    );
    return isWhole ? (build as SolvedBuild) : undefined;
  } catch {
    return undefined;
  }
}
