import { setImmediate as turn } from 'node:timers/promises';
import type { Digest } from '../base/digest.ts';
import type { StoreContext } from './context.ts';
import type { StoreDatabase } from './database.ts';
import { fileSize } from './durable-fs.ts';

/** Few enough that the event loop is not held for long. */
const BATCH = 64;

/**
 * Notes that these blobs lost a referrer. Whoever takes a reference away does this in the same transaction, so that a crash
 * afterwards leaks nothing.
 */
export function addGarbage(db: StoreDatabase, digests: Iterable<string>): void {
  for (const digest of digests) db.run('INSERT OR IGNORE INTO garbage VALUES (?)', digest);
}

/**
 * Deletes every noted blob that no image, lease, cache record or kept file system reaches, with its layer record and table of contents.
 * A layer's blob and its unpacked form live and die together. Answers the bytes of the blobs deleted.
 *
 * Whether a blob is reached is decided, and the blob moved away, inside one write transaction; whoever wants to rely on a
 * blob takes its lease first, which waits for that transaction. So a blob is either kept or seen to be missing.
 * A crash in between leaves only rows that the next collection works off.
 *
 * `onFreed` hears of every blob, and of the tables of contents under their layer's diffID.
 */
export async function collectGarbage(
  context: StoreContext,
  onFreed: (digest: Digest, bytes: number) => void = () => undefined,
): Promise<number> {
  let freed = 0;
  while (context.db.get('SELECT 1 FROM garbage') !== undefined) {
    const trash: string[] = [];
    // A power cut may bring back rows of blobs that are gone: those count as missing, and their candidates are still noted.
    freed += context.db.relaxed(() => collectBatch(context, trash, onFreed));
    // Unlinking a large file takes long, so it waits until the transaction is over; what stays is swept at the next open.
    await Promise.all(trash.map((path) => context.fs.unlink(path).catch(() => undefined)));
    await turn();
  }
  return freed;
}

function collectBatch(
  context: StoreContext,
  trash: string[],
  onFreed: (digest: Digest, bytes: number) => void,
): number {
  const { db } = context;
  let freed = 0;
  for (const { digest } of db.all<{ digest: Digest }>(`SELECT digest FROM garbage LIMIT ${BATCH}`)) {
    db.run('DELETE FROM garbage WHERE digest = ?', digest);
    if (isReached(db, digest)) continue;
    const layers = db.all<{ diff_id: Digest; blob_digest: Digest }>(
      'SELECT diff_id, blob_digest FROM layers WHERE diff_id = ? OR blob_digest = ?',
      ...[digest, digest],
    );
    const dead = new Set([digest]);
    const tables = new Set([digest]);
    for (const layer of layers) {
      dead.add(layer.diff_id).add(layer.blob_digest);
      db.run('DELETE FROM layers WHERE diff_id = ?', layer.diff_id);
      tables.add(layer.diff_id);
    }
    for (const each of tables) onFreed(each, moveAway(context, context.layout.toc(each), trash));
    for (const each of dead) {
      const bytes = moveAway(context, context.layout.blob(each), trash);
      onFreed(each, bytes);
      freed += bytes;
      db.run('DELETE FROM damaged WHERE digest = ?', each);
    }
  }
  return freed;
}

function isReached(db: StoreDatabase, digest: string): boolean {
  const row = db.get<{ reached: number }>(
    `WITH wanted (digest) AS (VALUES (?)), family (digest) AS (
       SELECT digest FROM wanted
       UNION SELECT diff_id FROM layers JOIN wanted ON blob_digest = digest
       UNION SELECT blob_digest FROM layers JOIN wanted ON diff_id = digest
     )
     SELECT EXISTS (SELECT 1 FROM family JOIN image_blobs USING (digest))
         OR EXISTS (SELECT 1 FROM family JOIN lease_blobs USING (digest))
         OR EXISTS (SELECT 1 FROM family JOIN kept_blobs USING (digest))
         OR EXISTS (SELECT 1 FROM family JOIN cache ON layer = digest) AS reached`,
    digest,
  );
  return row?.reached === 1;
}

function moveAway(context: StoreContext, path: string, trash: string[]): number {
  const size = fileSize(context.fs, path);
  if (size === undefined) return 0;
  const target = context.temporaryPath();
  context.fs.renameSync(path, target);
  trash.push(target);
  return size;
}
