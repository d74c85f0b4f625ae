import { canonicalJson } from '../base/canonical-json.ts';
import type { SandboxOptions } from '../executor/sandbox-options.ts';
import type { KeyPart } from '../store/store.ts';

/** The name of the part that {@link sandboxParts} makes. */
export const FLAGS_PART = 'flags of the build for RUN';

/**
 * What of a build's sandbox is in the key of its RUNs, by BuildKit's rules: the names of further hosts without their addresses, the size
 * of /dev/shm and the ulimits; never the limits of the control group. Nothing where all is as by default.
 */
export function sandboxParts({ hosts, shmSize, ulimits }: SandboxOptions): readonly KeyPart[] {
  const options = {
    ...(hosts.length === 0 ? {} : { hosts: [...new Set(hosts.map(({ name }) => name))].sort() }),
    ...(shmSize === undefined ? {} : { shmSize }),
    ...(ulimits.length === 0 ? {} : { ulimits: ulimits.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }),
  };
  if (Object.keys(options).length === 0) return [];
  return [{ kind: 'operation', name: FLAGS_PART, value: canonicalJson(options) }];
}
