import type { StoreFacts } from './facts.ts';

/** All bytes of a store. */
export function totalBytes(facts: StoreFacts): number {
  const { families, snapshots, mounts, builds, kept, inputs, statCaches, otherBytes } = facts;
  return [families, snapshots, mounts, builds, kept, inputs, statCaches]
    .flat()
    .reduce((sum, { bytes }) => sum + bytes, otherBytes);
}
