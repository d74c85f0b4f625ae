import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { findIdentity } from './identity.ts';
import { helperEnvironment } from './programs.ts';
import { spawnAs } from './spawn-as.ts';

/**
 * Removes a directory with all that is in it, and nothing behind its links; nothing happens where there is none. What belongs to
 * a subordinate user, as files of images do, only root of their namespace may remove, and so that is asked where it must be.
 * A command of an image can also make folders deeper than a path may be long; the system's own program walks down to them.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENAMETOOLONG') throw error;
    const identity = await findIdentity();
    if (identity.kind === 'root' && code !== 'ENAMETOOLONG') throw error;
    const child = spawnAs(identity, 'rm', ['-rf', '--', path], {
      env: helperEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ignore'],
    });
    const [end] = (await once(child, 'close')) as [number | null];
    if (end !== 0) throw error;
  }
}
