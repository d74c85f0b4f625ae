import type { Digest } from '../base/digest.ts';
import type { StoreDatabase } from './database.ts';

/**
 * Blobs seen not to be what their name says. They count as missing, so that building, loading or pulling again replaces
 * them, in whichever process that happens.
 */
export function isDamaged(db: StoreDatabase, digest: Digest): boolean {
  return db.get('SELECT 1 FROM damaged WHERE digest = ?', digest) !== undefined;
}

/** Notes the damage where the store can be written; never fails, because the finding itself is the error to report. */
export function noteDamaged(db: StoreDatabase, digest: Digest): void {
  try {
    db.relaxed(() => db.run('INSERT OR IGNORE INTO damaged VALUES (?)', digest));
  } catch {
    // Found again at the next read.
  }
}

/** After the blob was written anew. */
export function noteHealed(db: StoreDatabase, digest: Digest): void {
  if (isDamaged(db, digest)) db.relaxed(() => db.run('DELETE FROM damaged WHERE digest = ?', digest));
}
