import { EngineError } from '../base/errors.ts';
import type { StoreContext } from './context.ts';
import { fileSize, writeFileDurablySync, type StoreFs } from './durable-fs.ts';
import type { StoreLayout } from './layout.ts';

/** Enough for SQLite's log and index.json while something is being removed. */
const BYTES = 1024 * 1024;

/**
 * A file that takes up a little space, to be given up when the disk is full: opening the store and removing images need
 * some room before they can make any. Made at open where there is room for it.
 */
export function keepReserve({ layout, fs, temporaryPath }: StoreContext): void {
  if (fileSize(fs, layout.reserve) === BYTES) return;
  try {
    writeFileDurablySync(fs, layout.reserve, temporaryPath(), '\0'.repeat(BYTES));
  } catch {
    // A store without a reserve works; it is tried again at the next open.
  }
}

/** Runs the work, and once more with the reserve given up if the disk was full. The work must be one that may be repeated. */
export async function withReserve<T>(layout: StoreLayout, fs: StoreFs, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFull = error instanceof EngineError && error.code === 'STORE_FULL';
    if (!isFull || fileSize(fs, layout.reserve) === undefined) throw error;
    fs.unlinkSync(layout.reserve);
    return work();
  }
}
