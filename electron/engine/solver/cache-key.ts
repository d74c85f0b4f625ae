import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import type { KeyPart } from '../store/store.ts';

/** Raised when a change of the engine makes earlier results wrong, so that they are not found any more. */
export const KEY_VERSION = 1;

/** The cache key of a step: digest of its parts' kinds and values. Names are for people and not in it. */
export function cacheKey(parts: readonly KeyPart[]): Digest {
  return digestOf(canonicalJson([KEY_VERSION, ...parts.map(({ kind, value }) => [kind, value])]));
}
