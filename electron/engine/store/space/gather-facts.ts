import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createBreather } from '../../base/breather.ts';
import type { Digest } from '../../base/digest.ts';
import { treeSize } from '../../base/tree-size.ts';
import type { StoreContext } from '../context.ts';
import { fileSize } from '../durable-fs.ts';
import { isKeptUsed, keptRows } from '../kept-store.ts';
import type { CacheMountStore } from '../store.ts';
import type {
  BuildFact,
  ImageFact,
  KeptFact,
  MountFact,
  SnapshotFact,
  StatCacheFact,
  StoreFacts,
} from './facts.ts';
import { gatherFamilies, type Families } from './gather-families.ts';
import { gatherRecords } from './gather-records.ts';

/** What gathering needs besides the store. */
export interface Gathering {
  readonly context: StoreContext;
  readonly cacheMounts: CacheMountStore;
  /** Sizes of unpacked layers, which never change, by name; kept from one time to the next. */
  readonly snapshotSizes: Map<string, number>;
}

/**
 * Looks at all that a store holds. What comes, goes and is used meanwhile may be seen or not: whoever removes something looks again,
 * inside a transaction.
 */
export async function gatherFacts(gathering: Gathering, signal?: AbortSignal): Promise<StoreFacts> {
  const { context } = gathering;
  const families = await gatherFamilies(context, signal);
  const { records, lastRecord } = await gatherRecords(context, families, signal);
  const builds = await gatherBuilds(context);
  return {
    families: families.all,
    ...{ records, lastRecord, builds },
    images: gatherImages(context, families),
    snapshots: await gatherSnapshots(gathering, families, signal),
    mounts: await gatherMounts(gathering, signal),
    kept: await gatherKept(context, families, signal),
    inputs: await gatherInputs(context),
    statCaches: gatherStatCaches(context, builds),
    otherBytes: await gatherOther(context),
  };
}

function gatherImages({ db }: StoreContext, families: Families): readonly ImageFact[] {
  const remembered = new Map(
    db
      .all<{ result: string; used_at: number }>(
        'SELECT result, max(used_at) AS used_at FROM cache WHERE result IS NOT NULL GROUP BY result',
      )
      .map(({ result, used_at }) => [result, used_at]),
  );
  const tags = Map.groupBy(
    db.all<{ reference: string; manifest: string }>(
      'SELECT reference, manifest FROM tags ORDER BY reference',
    ),
    ({ manifest }) => manifest,
  );
  const reach = Map.groupBy(
    db.all<{ manifest: string; digest: string }>('SELECT manifest, digest FROM image_blobs'),
    ({ manifest }) => manifest,
  );
  return db
    .all<{ manifest: string; config: string; stored_at: string }>(
      'SELECT manifest, config, stored_at FROM images ORDER BY stored_at',
    )
    .map(({ manifest, config, stored_at }) => ({
      ...{ manifest, config },
      references: (tags.get(manifest) ?? []).map(({ reference }) => reference),
      families: [...new Set((reach.get(manifest) ?? []).flatMap(({ digest }) => families.of(digest) ?? []))],
      usedAt: Math.max(Date.parse(stored_at) || 0, remembered.get(manifest) ?? 0),
      isRemembered: remembered.has(manifest),
      isLeased: families.isLeased(manifest),
    }));
}

async function gatherSnapshots(
  { context, snapshotSizes }: Gathering,
  families: Families,
  signal?: AbortSignal,
): Promise<readonly SnapshotFact[]> {
  const { db, fs, layout } = context;
  const uses = new Map(
    db
      .all<{ name: string; used_at: number }>('SELECT name, used_at FROM snapshot_uses')
      .map(({ name, used_at }) => [name, used_at]),
  );
  const found: SnapshotFact[] = [];
  for (const name of namesIn(context, layout.snapshots)) {
    signal?.throwIfAborted();
    const path = join(layout.snapshots, name);
    const size = snapshotSizes.get(name) ?? (await treeSize(path));
    snapshotSizes.set(name, size);
    const diffId = `sha256:${name.split('.', 1)[0]}`;
    const madeAt = fs.lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
    found.push({
      ...{ name, diffId, bytes: size },
      usedAt: uses.get(name) ?? madeAt,
      isLeased: families.isLeased(diffId),
    });
  }
  return found;
}

async function gatherMounts(
  { context: { layout, fs }, cacheMounts, context }: Gathering,
  signal?: AbortSignal,
): Promise<readonly MountFact[]> {
  const records = new Map(cacheMounts.list().map((record) => [record.name, record]));
  const found: MountFact[] = [];
  for (const name of namesIn(context, layout.cacheMounts)) {
    signal?.throwIfAborted();
    const record = records.get(name);
    const content = join(layout.cacheMounts, name, 'content');
    const isThere = fs.lstatSync(content, { throwIfNoEntry: false }) !== undefined;
    // Only the lock of one that was removed.
    if (record === undefined && !isThere) continue;
    found.push({
      ...{ name, id: record?.id, usedAt: record?.usedAt },
      bytes: await treeSize(content),
      isTaken: cacheMounts.isTaken(name),
    });
  }
  return found;
}

async function gatherBuilds({ db, fs, layout }: StoreContext): Promise<readonly BuildFact[]> {
  const breathe = createBreather();
  const found: BuildFact[] = [];
  for (const { id, folder, started_at, owner } of db.all<{
    id: string;
    folder: string;
    started_at: number;
    owner: string | null;
  }>('SELECT id, folder, started_at, owner FROM builds ORDER BY started_at DESC, id DESC')) {
    await breathe();
    const bytes = fileSize(fs, layout.log(id)) ?? 0;
    found.push({ id, folder, startedAt: started_at, bytes, isRunning: owner !== null });
  }
  return found;
}

async function gatherKept(
  context: StoreContext,
  families: Families,
  signal?: AbortSignal,
): Promise<readonly KeptFact[]> {
  const { db, layout } = context;
  const found: KeptFact[] = [];
  for (const row of keptRows(db)) {
    signal?.throwIfAborted();
    const blobs = db.all<{ digest: string }>('SELECT digest FROM kept_blobs WHERE seq = ?', row.seq);
    found.push({
      ...{ seq: row.seq, buildId: row.build_id, step: row.step, keptAt: row.kept_at },
      bytes: await treeSize(join(layout.kept, row.folder)),
      isUsed: isKeptUsed(row),
      families: [...new Set(blobs.flatMap(({ digest }) => families.of(digest) ?? []))],
    });
  }
  return found;
}

async function gatherInputs(context: StoreContext): Promise<StoreFacts['inputs']> {
  const breathe = createBreather();
  const { fs, layout } = context;
  const found: { readonly hex: string; readonly bytes: number }[] = [];
  for (const hex of namesIn(context, layout.inputs)) {
    await breathe();
    const digest: Digest = `sha256:${hex}`;
    found.push({ hex, bytes: fileSize(fs, layout.input(digest)) ?? 0 });
  }
  return found;
}

/** A file is named by its folder's path, see context/open-folder.ts; only those of folders that builds name can be told. */
function gatherStatCaches(context: StoreContext, builds: readonly BuildFact[]): readonly StatCacheFact[] {
  const { fs, layout } = context;
  const gone = new Set(
    [...new Set(builds.map(({ folder }) => folder))]
      .filter((folder) => !existsSync(folder))
      .map((folder) => createHash('sha256').update(folder).digest('hex').slice(0, 32)),
  );
  return namesIn(context, layout.statCache).flatMap((name) => {
    const stat = fs.lstatSync(join(layout.statCache, name), { throwIfNoEntry: false });
    return stat?.isFile() ? [{ name, bytes: stat.size, usedAt: stat.mtimeMs, isGone: gone.has(name) }] : [];
  });
}

/** The files of the store's own, and what is being written now. */
async function gatherOther({ fs, layout }: StoreContext): Promise<number> {
  const own = fs.readdirSync(layout.root).map((name) => fileSize(fs, join(layout.root, name)) ?? 0);
  return own.reduce((sum, size) => sum + size, await treeSize(layout.ingest));
}

function namesIn({ fs }: StoreContext, folder: string): readonly string[] {
  return fs.lstatSync(folder, { throwIfNoEntry: false }) === undefined ? [] : fs.readdirSync(folder).sort();
}
