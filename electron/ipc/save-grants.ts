import { lstat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { EngineError } from '../engine/base/errors.ts';

/** Which paths a window may have written. */
export interface SaveGrants {
  /** The person chose this path in a native dialog, which has asked about replacing a file. */
  grant(path: string): void;
  /** Answers the path, resolved, if it may be written now; a grant is used up. Fails with SAVE_PATH_REFUSED, SAVE_PATH_TAKEN. */
  take(path: string): Promise<string>;
}

/**
 * With native dialogs only what the person chose in one may be written: the page cannot name a path of its own. Without
 * them the person types the path, and nobody has asked about replacing, so only a new file may be written.
 */
export function createSaveGrants(nativeDialogs: boolean): SaveGrants {
  const granted = new Set<string>();
  return {
    grant: (path) => void granted.add(path),
    async take(path) {
      if (!isAbsolute(path) || path.includes('\0')) {
        throw new EngineError('SAVE_PATH_REFUSED', 'An image is saved to a full path.');
      }
      if (granted.delete(path)) return resolve(path);
      if (nativeDialogs) throw new EngineError('SAVE_PATH_REFUSED', 'Choose where to save in the dialog.');
      if (await exists(path)) {
        throw new EngineError('SAVE_PATH_TAKEN', `There is something at ${path} already.`, {
          hint: 'Choose another name, or remove it first.',
        });
      }
      return resolve(path);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}
