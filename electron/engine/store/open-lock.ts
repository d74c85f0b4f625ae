import Database from 'better-sqlite3';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../base/errors.ts';
import type { StoreFs } from './durable-fs.ts';
import type { StoreLayout } from './layout.ts';
import { guardedSync, storeError } from './store-error.ts';

const RETRY_MS = 10;
const GIVE_UP_MS = 20_000;

/**
 * Runs the work while no other process (or other caller in this one) opens the store. Node has no flock, so a SQLite
 * database stands in: its lock ends with the process, however that ends. STORE_BUSY after 20 s.
 */
export async function withOpenLock<T>(layout: StoreLayout, fs: StoreFs, work: () => T): Promise<T> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const lock = guardedSync(layout.root, () => new Database(layout.openLock, { timeout: 0 }));
    try {
      if (tryLock(lock, layout, fs)) return work();
    } finally {
      lock.close();
    }
    if (performance.now() > deadline) throw busy(layout);
    await delay(RETRY_MS);
  }
}

function tryLock(lock: Database.Database, layout: StoreLayout, fs: StoreFs): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    // Nothing is ever written to this file, so whatever made it unusable is not worth keeping.
    if (code === 'SQLITE_NOTADB') fs.unlinkSync(layout.openLock);
    else if (code !== 'SQLITE_BUSY') throw storeError(layout.root, error);
    return false;
  }
}

function busy(layout: StoreLayout): EngineError {
  return new EngineError('STORE_BUSY', `The store at ${layout.root} is being opened by another process.`, {
    hint: 'Wait for it to finish, or stop it, and try again.',
  });
}
