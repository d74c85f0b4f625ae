import { opendir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { FolderListing } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import { isDockerfileName } from './dockerfile-names.ts';

type Entry = FolderListing['entries'][number];

const MAX_ENTRIES = 2_000;
const ARCHIVE = /\.(?:tar|tar\.gz|tgz|tar\.zst|oci)$/i;

/**
 * The folders in a folder (the person's home where none is named), and those files that can be dropped: Dockerfiles and
 * archives. Hidden ones are left out; at most 2,000. Folders first, by name. Fails with FOLDER_REFUSED, SYSTEM_*.
 */
export async function listFolder(path = homedir()): Promise<FolderListing> {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new EngineError('FOLDER_REFUSED', 'A folder is named by its full path.');
  const folder = await realpath(path);
  const found: Entry[] = [];
  for await (const { name } of await opendir(folder)) {
    if (name.startsWith('.') || name.includes('\ufffd')) continue;
    const entry = await describe(join(folder, name), name);
    if (entry) found.push(entry);
    if (found.length >= MAX_ENTRIES) break;
  }
  const parent = dirname(folder);
  return { path: folder, ...(parent === folder ? {} : { parent }), entries: found.sort(byKindAndName) };
}

async function describe(path: string, name: string): Promise<Entry | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory()) return { name, path, kind: 'folder', hasDockerfile: await hasDockerfile(path) };
  const useful = isDockerfileName(name) || ARCHIVE.test(name);
  return stats?.isFile() && useful ? { name, path, kind: 'file', hasDockerfile: false } : undefined;
}

async function hasDockerfile(folder: string): Promise<boolean> {
  for (const name of ['Dockerfile', 'Containerfile', 'dockerfile']) {
    const stats = await stat(join(folder, name)).catch(() => undefined);
    if (stats?.isFile()) return true;
  }
  return false;
}

function byKindAndName(a: Entry, b: Entry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return a.name.localeCompare(b.name);
}
