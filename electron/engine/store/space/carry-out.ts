import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Digest } from '../../base/digest.ts';
import type { PruneReport, StorageKind } from '../../../../shared/storage.ts';
import type { StoreContext } from '../context.ts';
import { fileSize } from '../durable-fs.ts';
import { addGarbage, collectGarbage } from '../garbage.ts';
import { forgetImage } from '../image-records.ts';
import { dropKept, keptRows } from '../kept-store.ts';
import { noteRemoved } from '../removed-records.ts';
import type { CacheMountStore } from '../store.ts';
import type { Family, StoreFacts } from './facts.ts';
import { inputsIn } from './gather-records.ts';
import { familyKinds, type PrunePlan } from './removal.ts';
import { createTally } from './report.ts';

/** Things removed in one transaction, few enough that the event loop is not held for long. */
const BATCH = 50;

const IS_LEASED = `EXISTS (SELECT 1 FROM lease_blobs WHERE digest = ?
  OR digest IN (SELECT blob_digest FROM layers WHERE diff_id = ?))`;

/**
 * Removes what the plan says, where it is still so: each thing is looked at again in the transaction that takes it away, and whoever
 * relies on one has its lease, its lock or its row before. Rows go first; in the same transaction files are moved to `ingest/`, and
 * unlinked after it. A crash in between leaves what the next open sweeps. Answers what really went.
 */
export async function carryOut(
  context: StoreContext,
  cacheMounts: CacheMountStore,
  facts: StoreFacts,
  plan: PrunePlan,
  signal?: AbortSignal,
): Promise<PruneReport['kinds']> {
  const { db, fs, layout } = context;
  const tally = createTally();

  /** Does `work` for every item, in batches; it answers what was moved away. */
  async function each<T>(
    items: readonly T[],
    work: (item: T) => readonly string[],
    within: typeof db.transaction = db.relaxed,
  ): Promise<void> {
    for (let done = 0; done < items.length; done += BATCH) {
      signal?.throwIfAborted();
      const trash = within(() => items.slice(done, done + BATCH).flatMap(work));
      await Promise.all(trash.map((path) => fs.remove(path)));
      await turn();
    }
  }
  const moveAway = (path: string): readonly string[] => {
    if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
    const target = context.temporaryPath();
    fs.renameSync(path, target);
    return [target];
  };
  const moved = (kind: StorageKind, path: string, bytes: number): readonly string[] => {
    const trash = moveAway(path);
    if (trash.length > 0) tally.add(kind, 1, bytes);
    return trash;
  };

  const keptSeqs = new Map(plan.kept.map((kept) => [kept.seq, kept]));
  await each([...keptSeqs.values()], ({ seq, bytes }) => {
    const rows = keptRows(db).filter((row) => row.seq === seq);
    const trash = dropKept(context, rows);
    if (trash.length > 0) tally.add('failedSteps', 1, bytes);
    return trash;
  });
  await each(plan.builds, ({ id, bytes }) => {
    const isKept = db.get('SELECT 1 FROM kept WHERE build_id = ?', id) !== undefined;
    if (isKept || db.run('DELETE FROM builds WHERE id = ? AND owner IS NULL', id) === 0) return [];
    tally.add('builds', 1, bytes);
    return moveAway(layout.log(id));
  });
  const forget = ({ manifest }: StoreFacts['images'][number]): readonly string[] => {
    const isWanted =
      db.get('SELECT 1 FROM tags WHERE manifest = ?', manifest) !== undefined ||
      db.get('SELECT 1 FROM lease_blobs WHERE digest = ?', manifest) !== undefined;
    if (!isWanted && forgetImage(db, manifest as Digest)) tally.add('images', 1, 0);
    return [];
  };
  // Lasting: an image must not come back after a power cut without its blobs.
  await each(plan.images, forget, db.transaction);
  for (let done = 0; done < plan.records.length; done += BATCH) {
    signal?.throwIfAborted();
    db.relaxed(() => removeRecords(plan.records.slice(done, done + BATCH)));
    await turn();
  }
  await each(plan.families, ({ digests }) => {
    addGarbage(db, digests);
    return [];
  });
  const byDigest = new Map(
    facts.families.flatMap((family) => family.digests.map((digest) => [digest, family])),
  );
  const kindOf = familyKinds(facts);
  await collectGarbage(context, (digest, bytes) => {
    const family: Family | undefined = byDigest.get(digest);
    tally.add(family ? kindOf(family) : 'cache', 0, bytes);
  });
  await each(plan.snapshots, ({ name, diffId, bytes }) => {
    if (isLeased(diffId)) return [];
    db.run('DELETE FROM snapshot_uses WHERE name = ?', name);
    return moved('snapshots', join(layout.snapshots, name), bytes);
  });
  for (const { name, usedAt, bytes } of plan.mounts) {
    signal?.throwIfAborted();
    if (await cacheMounts.remove(name, usedAt)) tally.add('cacheMounts', 1, bytes);
  }
  await each(plan.inputs, ({ hex, bytes }) =>
    isNamed(hex) ? [] : moved('fileLists', layout.input(`sha256:${hex}`), bytes),
  );
  await each(plan.statCaches, ({ name }) => {
    const path = join(layout.statCache, name);
    return moved('fileLists', path, fileSize(fs, path) ?? 0);
  });
  return tally.kinds();

  function removeRecords(records: PrunePlan['records']): void {
    const removed = records.filter(({ key, usedAt }) => {
      const row = db.get<{ layer: string | null }>(
        'SELECT layer FROM cache WHERE key = ? AND used_at <= ?',
        ...[key, usedAt],
      );
      if (row === undefined || (row.layer !== null && isLeased(row.layer))) return false;
      db.run('DELETE FROM cache WHERE key = ?', key);
      if (row.layer !== null) addGarbage(db, [row.layer]);
      return true;
    });
    noteRemoved(
      db,
      removed.map(({ key }) => key),
      context.clock(),
    );
    tally.add('cache', removed.length, 0);
  }

  function isLeased(diffId: string): boolean {
    return db.get<{ leased: number }>(`SELECT ${IS_LEASED} AS leased`, diffId, diffId)?.leased === 1;
  }

  /** Whether a record may name it that was made after the facts were gathered, or is about to be made. */
  function isNamed(hex: string): boolean {
    if (db.get('SELECT 1 FROM builds WHERE owner IS NOT NULL') !== undefined) return true;
    return db
      .all<{ parts: string }>('SELECT parts FROM cache WHERE seq > ?', facts.lastRecord)
      .some(({ parts }) => inputsIn(parts).includes(hex));
  }
}
