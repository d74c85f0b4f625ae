import {
  STORAGE_KINDS,
  type StorageItem,
  type StorageKind,
  type StorageUsage,
} from '../../../../shared/storage.ts';
import type { Family, StoreFacts } from './facts.ts';
import { mountUsedAt, planPrune } from './plan-prune.ts';
import { reportOf } from './report.ts';
import { familyKinds } from './removal.ts';

/** Everything that nothing needs. */
export const EVERYTHING = { unusedSince: Infinity, keepBuilds: 0, untagged: true } as const;

/** What takes room, as people see it. */
export function usageOf(facts: StoreFacts): StorageUsage {
  const items = [...imageItems(facts), ...layerItems(facts), ...otherItems(facts)].sort(
    (a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1),
  );
  const { unique, shared } = imageBytes(facts);
  const reclaimable = new Map(
    reportOf(facts, planPrune(facts, EVERYTHING)).map(({ kind, bytes }) => [kind, bytes]),
  );
  const kinds = STORAGE_KINDS.map((kind) => {
    const own = items.filter((item) => item.kind === kind);
    const bytes = kind === 'images' ? unique + shared : own.reduce((sum, item) => sum + item.bytes, 0);
    return { kind, count: own.length, bytes, reclaimable: reclaimable.get(kind) ?? 0 };
  });
  return {
    total: kinds.reduce((sum, { bytes }) => sum + bytes, 0),
    kinds,
    images: { unique, shared },
    items,
  };
}

/** How many images have each family. */
function imageHolders({ images }: StoreFacts): ReadonlyMap<Family, number> {
  const holders = new Map<Family, number>();
  for (const { families } of images)
    for (const family of families) holders.set(family, (holders.get(family) ?? 0) + 1);
  return holders;
}

function imageBytes(facts: StoreFacts): StorageUsage['images'] {
  const sums = { unique: 0, shared: 0 };
  for (const [{ bytes }, count] of imageHolders(facts)) sums[count === 1 ? 'unique' : 'shared'] += bytes;
  return sums;
}

/** An image's own bytes are those that no other image has. */
function imageItems(facts: StoreFacts): readonly StorageItem[] {
  const holders = imageHolders(facts);
  return facts.images.map(({ manifest, references, families, usedAt, isLeased }) => ({
    kind: 'images',
    id: manifest,
    name: references.join(', ') || 'image without a name',
    bytes: families.reduce((sum, family) => sum + (holders.get(family) === 1 ? family.bytes : 0), 0),
    usedAt,
    inUse: isLeased,
  }));
}

function layerItems(facts: StoreFacts): readonly StorageItem[] {
  const kindOf = familyKinds(facts);
  // The records come with the latest last.
  const records = new Map(
    facts.records.flatMap((record) => (record.family ? [[record.family, record]] : [])),
  );
  return facts.families
    .filter((family) => kindOf(family) === 'cache')
    .map((family) => {
      const record = records.get(family);
      return {
        kind: 'cache',
        id: family.id,
        name: record?.name ?? 'not in the build cache',
        bytes: family.bytes,
        ...(record === undefined ? {} : { usedAt: record.usedAt }),
        inUse: family.isLeased,
      };
    });
}

function otherItems(facts: StoreFacts): readonly StorageItem[] {
  const item = (
    kind: StorageKind,
    id: string,
    name: string,
    bytes: number,
    usedAt?: number,
    inUse = false,
  ): StorageItem => ({ ...{ kind, id, name, bytes, inUse }, ...(usedAt === undefined ? {} : { usedAt }) });
  const { snapshots, mounts, builds, kept, inputs, statCaches, otherBytes } = facts;
  const lists = [...inputs, ...statCaches].reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...snapshots.map(({ name, diffId, bytes, usedAt, isLeased }) =>
      item('snapshots', name, diffId, bytes, usedAt, isLeased),
    ),
    ...mounts.map((mount) =>
      item(
        'cacheMounts',
        mount.name,
        mount.id ?? 'unfinished',
        mount.bytes,
        mountUsedAt(mount),
        mount.isTaken,
      ),
    ),
    ...builds.map(({ id, folder, bytes, startedAt, isRunning }) =>
      item('builds', id, folder, bytes, startedAt, isRunning),
    ),
    ...kept.map(({ buildId, step, bytes, keptAt, isUsed }) =>
      item('failedSteps', `${buildId}/${step}`, step, bytes, keptAt, isUsed),
    ),
    ...(lists > 0 ? [item('fileLists', 'lists', `${inputs.length + statCaches.length} lists`, lists)] : []),
    item('other', 'other', 'database and work under way', otherBytes, undefined, true),
  ];
}
