import { EngineError } from '../base/errors.ts';

/** The last: SQLite's shared memory is a file, which the disk has no room for. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Turns what the file system or SQLite throws into an EngineError that names the store: STORE_FULL, STORE_DENIED,
 * STORE_BUSY, STORE_DAMAGED or STORE_IO. Other errors, EngineErrors among them, come back as they are.
 */
export function storeError(root: string, error: unknown): unknown {
  if (error instanceof EngineError || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return error;
  const make = (name: string, says: string, hint: string): EngineError =>
    new EngineError(name, `The store at ${root} ${says}.`, { hint, cause: error });
  if (FULL.has(code))
    return make(
      'STORE_FULL',
      'cannot be written: the disk is full',
      'Free some space, or remove images, and try again.',
    );
  if (DENIED.has(code) || code.startsWith('SQLITE_READONLY'))
    return make(
      'STORE_DENIED',
      'cannot be used: permission denied',
      'Check who owns the directory, or choose another with --store.',
    );
  if (code.startsWith('SQLITE_BUSY'))
    return make(
      'STORE_BUSY',
      'is held by another process',
      'Wait for it to finish, or stop it, and try again.',
    );
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return make(
      'STORE_DAMAGED',
      'has a damaged database',
      'Start Slipway again: it then makes a new one from the images.',
    );
  if (code.startsWith('SQLITE_') || 'syscall' in error)
    return make('STORE_IO', `cannot be read or written (${code})`, 'Check the disk, then try again.');
  return error;
}

/** Runs the work; errors leave as {@link storeError} says. */
export async function guarded<T>(root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(root, error);
  }
}

/** {@link guarded} for work that does not wait. */
export function guardedSync<T>(root: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(root, error);
  }
}
