import { STORAGE_KINDS, type PruneReport, type StorageKind } from '../../../../shared/storage.ts';
import type { StoreFacts } from './facts.ts';
import { familyKinds, type PrunePlan } from './removal.ts';

/** What was removed, added up by kind. */
export interface Tally {
  add(kind: StorageKind, count: number, bytes: number): void;
  kinds(): PruneReport['kinds'];
}

export function createTally(): Tally {
  const sums = new Map<StorageKind, { count: number; bytes: number }>();
  return {
    add(kind, count, bytes) {
      const before = sums.get(kind) ?? { count: 0, bytes: 0 };
      sums.set(kind, { count: before.count + count, bytes: before.bytes + bytes });
    },
    kinds: () =>
      STORAGE_KINDS.flatMap((kind) => {
        const found = sums.get(kind);
        return found && (found.count > 0 || found.bytes > 0) ? [{ kind, ...found }] : [];
      }),
  };
}

/** What carrying out a plan will have removed. Images and records count as such, their blobs as bytes. */
export function reportOf(facts: StoreFacts, plan: PrunePlan): PruneReport['kinds'] {
  const tally = createTally();
  const kindOf = familyKinds(facts);
  const each = (kind: StorageKind, items: readonly { readonly bytes: number }[]): void =>
    items.forEach(({ bytes }) => tally.add(kind, 1, bytes));
  tally.add('images', plan.images.length, 0);
  tally.add('cache', plan.records.length, 0);
  for (const family of plan.families) tally.add(kindOf(family), 0, family.bytes);
  each('snapshots', plan.snapshots);
  each('cacheMounts', plan.mounts);
  each('builds', plan.builds);
  each('failedSteps', plan.kept);
  each('fileLists', [...plan.inputs, ...plan.statCaches]);
  return tally.kinds();
}
