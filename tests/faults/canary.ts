import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A tree of files of the host that nothing hostile may read, change or link to. */

/** What the canary's files hold: it may turn up nowhere. */
export const CANARY_TEXT = 'the canary sings';

/** Makes the tree in a new folder. */
export function makeCanary(folder: string): void {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const name of ['file', 'passwd', 'sub/file', 'ptmx']) writeFileSync(join(folder, name), CANARY_TEXT);
  // As the mount targets that a runtime makes, and takes away where they are empty.
  for (const name of ['resolv.conf', 'hosts', 'n']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'shm'));
  symlinkSync('file', join(folder, 'link'));
  chmodSync(join(folder, 'passwd'), 0o600);
}

/** All there is to know about the trees, so that two of these are equal only where nothing was touched. */
export function canaryState(...folders: readonly string[]): string {
  return folders.flatMap((folder) => stateOf(folder)).join('\n');
}

function stateOf(path: string): readonly string[] {
  const stat = lstatSync(path);
  const { mode, uid, gid, nlink, ino, size, mtimeMs, ctimeMs } = stat;
  const body = stat.isFile()
    ? createHash('sha256').update(readFileSync(path)).digest('hex')
    : stat.isSymbolicLink()
      ? readlinkSync(path)
      : '';
  const own = [path, mode, uid, gid, nlink, ino, size, mtimeMs, ctimeMs, body].join(' ');
  if (!stat.isDirectory()) return [own];
  return [
    own,
    ...readdirSync(path)
      .sort()
      .flatMap((name) => stateOf(join(path, name))),
  ];
}
