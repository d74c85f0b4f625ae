import { isDeepStrictEqual } from 'node:util';
import { parentPath } from '../layer/entry-path.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import type { TocEntry } from '../layer/toc.ts';
import { below } from './plain-copy.ts';

/**
 * What a whole root filesystem, listed with folders before what is in them, has that `base` does not: changed and new entries, and
 * whiteouts for what is missing, as an overlay's upper directory would list them. A hard link that changed brings the file it names.
 */
export async function planDifference(
  entries: readonly TocEntry[],
  base: FileTree,
  signal: AbortSignal,
): Promise<readonly TocEntry[]> {
  const files = [...below(base)].filter(({ type }) => type === 'file');
  const digests = await base.digests(files, signal);
  const digestOf = new Map(files.map(({ path }, i) => [path, digests[i]!]));
  const types = new Map<string, string>([
    ['', 'dir'],
    ...entries.map(({ path, type }) => [path, type] as const),
  ]);
  const changed = new Set<string>();
  for (const entry of entries) {
    const before = base.get(entry.path);
    if (before && isSame(entry, before)) continue;
    changed.add(entry.path);
    if (entry.type === 'hardlink' && entry.linkname !== undefined) changed.add(entry.linkname);
  }
  const missing = [...below(base)]
    // What was in a folder that is none any more goes with it.
    .filter(({ path }) => !types.has(path) && types.get(parentPath(path)) === 'dir')
    .map(({ path }): TocEntry => ({
      path,
      type: 'whiteout',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: 0,
    }));
  return [...entries.filter(({ path }) => changed.has(path)), ...missing];

  function isSame(entry: TocEntry, before: TreeEntry): boolean {
    if (entry.type === 'hardlink') {
      const first = base.get(entry.linkname ?? '');
      return first?.inode !== undefined && first.inode === before.inode;
    }
    // The disk holds an empty file in the place of a device.
    const isDevice = before.type === 'char' || before.type === 'block';
    if (entry.type !== (isDevice ? 'file' : before.type)) return false;
    if (!isDeepStrictEqual(face(entry), face(before))) return false;
    if (isDevice) return entry.size === 0;
    if (entry.type === 'file') return entry.digest === digestOf.get(entry.path);
    return entry.linkname === before.linkname;
  }
}

function face({ mode, uid, gid, mtime, xattrs }: TocEntry | TreeEntry): unknown {
  return [mode, uid, gid, mtime, Object.entries(xattrs ?? {}).sort()];
}
