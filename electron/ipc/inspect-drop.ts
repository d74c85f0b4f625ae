import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Stats } from 'node:fs';
import type { DropVerdict } from '../../shared/contract.ts';
import { isDockerfileName, listDockerfiles } from './dockerfile-names.ts';
import { peekArchive } from './peek-archive.ts';

/**
 * What lies at a path that came from outside, and so what will be done with it. Never fails for what it finds: anything
 * that cannot be used is `unusable` with one sentence. Paths in the answer are real ones, with no link left in them. Fifos,
 * sockets and devices are recognised without being opened.
 */
export async function inspectDrop(path: string): Promise<DropVerdict> {
  const unusable = (reason: string, at = path): DropVerdict => ({ kind: 'unusable', path: at, reason });
  if (!isAbsolute(path)) return unusable('This is not a full path.');
  if (path.includes('\0')) return unusable('This is not a path.');
  let real: string;
  let stats: Stats;
  try {
    await lstat(path);
    real = await realpath(path);
    stats = await lstat(real);
  } catch (error) {
    return unusable(unreachable(error));
  }
  try {
    if (stats.isDirectory()) return await inspectFolder(real, unusable);
    if (stats.isFile()) return await inspectFile(real, unusable);
  } catch (error) {
    return unusable(unreachable(error), real);
  }
  return unusable(`This is ${kindOf(stats)}, not a folder or a file.`, real);
}

type Unusable = (reason: string, at?: string) => DropVerdict;

async function inspectFolder(folder: string, unusable: Unusable): Promise<DropVerdict> {
  const dockerfiles = await listDockerfiles(folder);
  const name = basename(folder) || folder;
  if (dockerfiles.length > 0) return { kind: 'project', folder, name, dockerfiles };
  if ((await isFile(join(folder, 'oci-layout'))) && (await isFile(join(folder, 'index.json')))) {
    return { kind: 'archive', path: folder, name, format: 'oci' };
  }
  return unusable('There is no Dockerfile in this folder.', folder);
}

async function inspectFile(path: string, unusable: Unusable): Promise<DropVerdict> {
  const name = basename(path);
  if (isDockerfileName(name)) {
    const folder = dirname(path);
    return { kind: 'project', folder, name: basename(folder) || folder, dockerfiles: [name] };
  }
  const format = await peekArchive(path);
  if (format) return { kind: 'archive', path, name, format };
  return unusable('This file is neither a Dockerfile nor an image archive.', path);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function unreachable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'There is nothing at this path.';
    case 'EACCES':
    case 'EPERM':
      return 'You are not permitted to read this.';
    case 'ELOOP':
      return 'This link leads round in a circle.';
    case 'ENAMETOOLONG':
      return 'This path is too long.';
    default:
      return 'This cannot be read.';
  }
}
