import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  mkdirSync,
  openSync,
  unlinkSync,
} from 'node:fs';
import { encodeName, fsPath } from '../../base/byte-path.ts';

/**
 * A directory held open, whose entries are named through it. Node has no openat(2); on Linux `/proc/self/fd/N/name` does
 * the same, so that nobody can swap a directory above for a link while files are being made. Elsewhere the path is used.
 */
export interface AnchoredDirectory extends Disposable {
  /** The path for fs calls of an entry; `name` is one path element. */
  at(name: string): Buffer;
  /** Opens a directory in it, never through a link. Fails with ENOENT, or ENOTDIR (ELOOP) where something else is. */
  open(name: string): AnchoredDirectory;
  /** As {@link open}; makes it, with mode 0700, and takes away a file or link that is in its place. */
  make(name: string): AnchoredDirectory;
  setOwner(uid: number, gid: number): void;
  setMode(mode: number): void;
  setTime(seconds: number): void;
}

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** The directory at an absolute path, whose own last element may be a link. */
export function anchorDirectory(path: string): AnchoredDirectory {
  return anchored(fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY);
}

function anchored(path: string | Buffer, flags: number): AnchoredDirectory {
  const file = openSync(path, flags);
  const base = process.platform === 'linux' ? Buffer.from(`/proc/self/fd/${file}/`) : slash(path);
  const at = (name: string): Buffer => Buffer.concat([base, encodeName(name)]);
  const open = (name: string): AnchoredDirectory => anchored(at(name), FLAGS);
  return {
    at,
    open,
    make(name) {
      try {
        mkdirSync(at(name), 0o700);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        try {
          return open(name);
        } catch (other) {
          if (!isNoDirectory(other)) throw other;
          unlinkSync(at(name));
          mkdirSync(at(name), 0o700);
        }
      }
      return open(name);
    },
    setOwner: (uid, gid) => fchownSync(file, uid, gid),
    setMode: (mode) => fchmodSync(file, mode),
    setTime: (seconds) => futimesSync(file, seconds, seconds),
    [Symbol.dispose]: () => closeSync(file),
  };
}

function slash(path: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(path), Buffer.from('/')]);
}

function isNoDirectory(error: unknown): boolean {
  return ['ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '');
}
