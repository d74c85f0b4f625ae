import { lstatSync, readdirSync, readlinkSync, type Dirent, type Stats } from 'node:fs';
import { decodeName } from '../base/byte-path.ts';
import { DIRECTORY, FILE, SYMLINK } from './columns.ts';
import { unreadable } from './context-errors.ts';
import { hostPath } from './host-path.ts';

/** Questions a walk asks the file system about a context. Links are never followed. */

const REPLACEMENT = '\ufffd';

export const SPECIAL = 3;

/** An entry as its directory lists it. */
export interface ListedEntry {
  readonly name: string;
  readonly kind: number;
}

/** The directory's entries sorted by name; undefined where it is gone. Fails with CONTEXT_UNREADABLE. */
export function listEntries(root: string, directory: string): ListedEntry[] | undefined {
  const path = hostPath(root, directory);
  try {
    const entries: ListedEntry[] = [];
    let lossy = false;
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      lossy ||= entry.name.includes(REPLACEMENT);
      entries.push({ name: entry.name, kind: kindOf(entry) });
    }
    return (lossy ? listBytes(path) : entries).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(directory, error);
  }
}

function listBytes(path: string | Buffer): ListedEntry[] {
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: decodeName(entry.name),
    kind: kindOf(entry),
  }));
}

/** What lies at this path; undefined where nothing does. Fails with CONTEXT_UNREADABLE. */
export function lookAt(root: string, path: string): Stats | undefined {
  try {
    return lstatSync(hostPath(root, path), { throwIfNoEntry: false });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** The target of the symbolic link at this path. Fails with CONTEXT_UNREADABLE. */
export function readTarget(root: string, path: string): string {
  try {
    const target = readlinkSync(hostPath(root, path));
    if (!target.includes(REPLACEMENT)) return target;
    return decodeName(readlinkSync(hostPath(root, path), { encoding: 'buffer' }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Overlay file systems number inodes beyond what a double tells apart, and names must not be taken for links of each other. */
export function wideInode(root: string, path: string, stats: Stats): string | undefined {
  if (Number.isSafeInteger(stats.ino)) return undefined;
  return lstatSync(hostPath(root, path), { bigint: true, throwIfNoEntry: false })?.ino.toString();
}

/** {@link FILE}, {@link DIRECTORY}, {@link SYMLINK}, or SPECIAL for what no context holds. */
export function kindOf(entry: Dirent<string> | Dirent<Buffer> | Stats): number {
  if (entry.isFile()) return FILE;
  if (entry.isDirectory()) return DIRECTORY;
  return entry.isSymbolicLink() ? SYMLINK : SPECIAL;
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
