import type { PruneRules } from '../store.ts';
import type { BuildFact, MountFact, StoreFacts } from './facts.ts';
import { createRemoval, type PrunePlan, type Removal } from './removal.ts';
import { totalBytes } from './total-bytes.ts';

/** Works out what goes by the rules. What somebody uses now never does. */
export function planPrune(facts: StoreFacts, rules: PruneRules): PrunePlan {
  const { unusedSince = -Infinity, before = Infinity, keepBuilds = Infinity, maxSize = Infinity } = rules;
  const mayGo = (usedAt: number): boolean => usedAt < before;
  const isOld = (usedAt: number): boolean => usedAt < unusedSince && mayGo(usedAt);
  const removal = createRemoval(facts);

  const builds = new Set(surplusBuilds(facts, keepBuilds).filter(({ startedAt }) => mayGo(startedAt)));
  builds.forEach(removal.build);
  const buildIds = new Set([...builds].map(({ id }) => id));
  for (const kept of facts.kept) {
    if (!kept.isUsed && (buildIds.has(kept.buildId) || isOld(kept.keptAt))) removal.kept(kept);
  }
  for (const image of facts.images) {
    const isWanted = image.references.length > 0 || image.isLeased || rules.untagged !== true;
    if (isWanted || !mayGo(image.usedAt)) continue;
    if (!image.isRemembered || isOld(image.usedAt)) removal.image(image);
  }
  for (const record of facts.records) if (!record.isLeased && isOld(record.usedAt)) removal.record(record);
  for (const snapshot of facts.snapshots) {
    if (!snapshot.isLeased && isOld(snapshot.usedAt)) removal.snapshot(snapshot);
  }
  for (const mount of facts.mounts) if (!mount.isTaken && isOld(mountUsedAt(mount))) removal.mount(mount);
  for (const cache of facts.statCaches) {
    if (cache.isGone ? mayGo(cache.usedAt) : isOld(cache.usedAt)) removal.statCache(cache);
  }

  const total = totalBytes(facts);
  if (total - removal.bytes() > maxSize) {
    const all = candidates(facts, removal).filter(({ usedAt }) => mayGo(usedAt));
    for (const { remove } of all.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total - removal.bytes() <= maxSize) break;
      remove();
    }
  }
  return removal.plan();
}

interface Candidate {
  readonly usedAt: number;
  readonly remove: () => void;
}

/** What may go for the room it takes. A layer goes with all its records, so only where that frees its blobs. */
function candidates(facts: StoreFacts, removal: Removal): Candidate[] {
  const layers = [...Map.groupBy(facts.records, ({ family }) => family)].flatMap(([family, records]) =>
    family !== undefined && removal.isOnlyCached(family)
      ? [
          {
            usedAt: Math.max(...records.map(({ usedAt }) => usedAt)),
            remove: () => records.forEach(removal.record),
          },
        ]
      : [],
  );
  return [
    ...layers,
    ...facts.snapshots
      .filter(({ isLeased }) => !isLeased)
      .map((snapshot) => ({ usedAt: snapshot.usedAt, remove: () => removal.snapshot(snapshot) })),
    ...facts.mounts
      .filter(({ isTaken }) => !isTaken)
      .map((mount) => ({ usedAt: mountUsedAt(mount), remove: () => removal.mount(mount) })),
    ...facts.kept
      .filter(({ isUsed }) => !isUsed)
      .map((kept) => ({ usedAt: kept.keptAt, remove: () => removal.kept(kept) })),
  ];
}

/** Builds that have ended, but for the latest of each folder; none with a failed step that a shell is open in. */
function surplusBuilds({ builds, kept }: StoreFacts, keep: number): readonly BuildFact[] {
  if (keep === Infinity) return [];
  const used = new Set(kept.filter(({ isUsed }) => isUsed).map(({ buildId }) => buildId));
  return [...Map.groupBy(builds, ({ folder }) => folder).values()]
    .flatMap((all) => all.slice(keep))
    .filter(({ id, isRunning }) => !isRunning && !used.has(id));
}

/** Milliseconds since 1970; one whose making was cut short was never used. */
export function mountUsedAt({ usedAt }: MountFact): number {
  return usedAt === undefined ? 0 : Date.parse(usedAt) || 0;
}
