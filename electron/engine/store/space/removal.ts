import type { StorageKind } from '../../../../shared/storage.ts';
import type {
  BuildFact,
  Family,
  ImageFact,
  KeptFact,
  MountFact,
  RecordFact,
  SnapshotFact,
  StatCacheFact,
  StoreFacts,
} from './facts.ts';

/** What is to go. */
export interface PrunePlan {
  readonly images: readonly ImageFact[];
  readonly records: readonly RecordFact[];
  /** Nothing keeps them once the rest of the plan is carried out. */
  readonly families: readonly Family[];
  readonly snapshots: readonly SnapshotFact[];
  readonly mounts: readonly MountFact[];
  readonly builds: readonly BuildFact[];
  readonly kept: readonly KeptFact[];
  readonly inputs: StoreFacts['inputs'];
  readonly statCaches: readonly StatCacheFact[];
}

/** A plan that grows. Adding a thing adds what nothing keeps without it. Adding twice is adding once. */
export interface Removal {
  image(image: ImageFact): void;
  record(record: RecordFact): void;
  snapshot(snapshot: SnapshotFact): void;
  mount(mount: MountFact): void;
  build(build: BuildFact): void;
  kept(kept: KeptFact): void;
  statCache(cache: StatCacheFact): void;
  /** Whether records are all that keeps it. */
  isOnlyCached(family: Family): boolean;
  /** What all that goes takes. */
  bytes(): number;
  plan(): PrunePlan;
}

/** Begins with what nothing keeps anyway. */
export function createRemoval(facts: StoreFacts): Removal {
  const parts = {
    images: new Set<ImageFact>(),
    records: new Set<RecordFact>(),
    families: new Set<Family>(),
    snapshots: new Set<SnapshotFact>(),
    mounts: new Set<MountFact>(),
    builds: new Set<BuildFact>(),
    kept: new Set<KeptFact>(),
    inputs: new Set<StoreFacts['inputs'][number]>(),
    statCaches: new Set<StatCacheFact>(),
  };
  let bytes = 0;
  function take<T extends { readonly bytes: number }>(set: Set<T>, item: T): boolean {
    if (set.has(item)) return false;
    set.add(item);
    bytes += item.bytes;
    return true;
  }

  const byOthers = count([...facts.images, ...facts.kept].flatMap(({ families }) => families));
  const byRecords = count(facts.records.flatMap(({ family }) => family ?? []));
  const snapshotsOf = Map.groupBy(facts.snapshots, ({ diffId }) => diffId);
  const named = count(facts.records.flatMap(({ inputs }) => inputs));
  const inputs = new Map(facts.inputs.map((input) => [input.hex, input]));
  // A build under way may have found one of the lists to be there, and will name it.
  const keepInputs = facts.builds.some(({ isRunning }) => isRunning);

  function settle(family: Family): void {
    if (family.isLeased || byOthers.has(family) || byRecords.has(family)) return;
    if (!take(parts.families, family)) return;
    for (const snapshot of snapshotsOf.get(family.id) ?? []) take(parts.snapshots, snapshot);
  }
  function release(families: Iterable<Family>, holders: Map<Family, number>): void {
    for (const family of families) if (lower(holders, family)) settle(family);
  }
  function settleInput(hex: string): void {
    const input = inputs.get(hex);
    if (input && !keepInputs && !named.has(hex)) take(parts.inputs, input);
  }

  facts.families.forEach(settle);
  for (const hex of inputs.keys()) settleInput(hex);
  const layers = new Set(facts.families.map(({ id }) => id));
  for (const snapshot of facts.snapshots) {
    if (!layers.has(snapshot.diffId) && !snapshot.isLeased) take(parts.snapshots, snapshot);
  }

  return {
    image(image) {
      if (parts.images.has(image)) return;
      parts.images.add(image);
      release(image.families, byOthers);
    },
    record(record) {
      if (parts.records.has(record)) return;
      parts.records.add(record);
      if (record.family) release([record.family], byRecords);
      for (const hex of record.inputs) if (lower(named, hex)) settleInput(hex);
    },
    snapshot: (snapshot) => void take(parts.snapshots, snapshot),
    mount: (mount) => void take(parts.mounts, mount),
    build: (build) => void take(parts.builds, build),
    kept(kept) {
      if (take(parts.kept, kept)) release(kept.families, byOthers);
    },
    statCache: (cache) => void take(parts.statCaches, cache),
    isOnlyCached: (family) => !family.isLeased && !byOthers.has(family),
    bytes: () => bytes,
    plan: () => ({
      images: [...parts.images],
      records: [...parts.records],
      families: [...parts.families],
      snapshots: [...parts.snapshots],
      mounts: [...parts.mounts],
      builds: [...parts.builds],
      kept: [...parts.kept],
      inputs: [...parts.inputs],
      statCaches: [...parts.statCaches],
    }),
  };
}

/** Which kind the blobs of each family count as. */
export function familyKinds({ images }: StoreFacts): (family: Family) => StorageKind {
  const fromImages = new Set(images.flatMap(({ families }) => families));
  return (family) => (fromImages.has(family) ? 'images' : 'cache');
}

function count<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Takes one off; true where none is left. */
function lower<T>(counts: Map<T, number>, item: T): boolean {
  const left = (counts.get(item) ?? 0) - 1;
  if (left > 0) counts.set(item, left);
  else counts.delete(item);
  return left <= 0;
}
