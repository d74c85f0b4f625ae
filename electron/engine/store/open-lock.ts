import Database from 'better-sqlite3';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../base/errors.ts';
import type { StoreFs } from './durable-fs.ts';
import type { StoreLayout } from './layout.ts';
import { storeError } from './store-error.ts';

/**
 * Locks between processes. Node has no flock, so SQLite databases that nothing is ever written to stand in: their locks end
 * with the process, however it ends.
 */

const RETRY_MS = 10;
const GIVE_UP_MS = 20_000;

/**
 * Runs the work while no other process (or other caller in this one) opens the store. STORE_BUSY after 20 s of waiting.
 */
export async function withOpenLock<T>(layout: StoreLayout, fs: StoreFs, work: () => T): Promise<T> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const lock = tryLock(layout, fs, layout.openLock, 'BEGIN EXCLUSIVE');
    if (lock !== undefined) {
      try {
        return work();
      } finally {
        lock.close();
      }
    }
    if (performance.now() > deadline) {
      throw new EngineError('STORE_BUSY', `The store at ${layout.root} is being opened by another process.`, {
        hint: 'Wait for it to finish, or stop it, and try again.',
      });
    }
    await delay(RETRY_MS);
  }
}

/** Says until it is closed that this store is open. Taken while the open lock is held, so that nothing else has this lock whole. */
export function showPresence(layout: StoreLayout, fs: StoreFs): { close(): void } {
  const presence =
    tryLock(layout, fs, layout.presence, 'BEGIN') ?? tryLock(layout, fs, layout.presence, 'BEGIN');
  if (presence === undefined) throw new Error(`${layout.presence} cannot be locked.`);
  return presence;
}

/** Whether no process (nor this one) has the store open. Asked while the open lock is held. */
export function nobodyPresent(layout: StoreLayout, fs: StoreFs): boolean {
  const lock = tryLock(layout, fs, layout.presence, 'BEGIN EXCLUSIVE');
  lock?.close();
  return lock !== undefined;
}

/** Takes the lock that the file at `path` (made where it is missing) stands for: whole, or beside others who take it shared. Undefined where it is taken. */
export function tryFileLock(
  layout: StoreLayout,
  fs: StoreFs,
  path: string,
  how: 'shared' | 'whole',
): { close(): void } | undefined {
  return tryLock(layout, fs, path, how === 'whole' ? 'BEGIN EXCLUSIVE' : 'BEGIN');
}

function tryLock(
  layout: StoreLayout,
  fs: StoreFs,
  path: string,
  begin: string,
): Database.Database | undefined {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(path, { timeout: 0 });
    // Otherwise even an empty transaction needs a journal file, and with it room on the disk.
    lock.pragma('journal_mode = MEMORY');
    lock.exec(begin);
    // A plain BEGIN takes its shared lock only with the first read.
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return lock;
  } catch (error) {
    lock?.close();
    const { code } = error as { code?: unknown };
    // Whatever made such a file unusable is not worth keeping.
    if (code === 'SQLITE_NOTADB') fs.unlinkSync(path);
    else if (code !== 'SQLITE_BUSY') throw storeError(layout.root, error);
    return undefined;
  }
}
