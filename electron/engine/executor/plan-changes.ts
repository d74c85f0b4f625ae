import { isDeepStrictEqual } from 'node:util';
import { parentPath } from '../layer/entry-path.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { LayerPlanEntry, TocEntry } from '../layer/toc.ts';

/**
 * The layer that an overlay's upper directory makes on its base. `entries` list the upper directory's tar at `tarPath`, parents
 * first. Left out are the root directory, whiteouts of what the base does not have, and what is there only because something was
 * mounted on it (`targets`, relative to the root): empty files and directories that the base lacks, and folders that only lost or got
 * those.
 */
export function planChanges(
  entries: readonly TocEntry[],
  tarPath: string,
  base: Pick<FileTree, 'get'>,
  targets: readonly string[],
): LayerPlanEntry[] {
  const stubs = new Set<string>();
  for (const target of targets) {
    for (let path = target; path !== ''; path = parentPath(path)) stubs.add(path);
  }
  const kept: TocEntry[] = [];
  const filled = new Set<string>();
  // From the last to the first, so that what is in a folder is known before the folder.
  for (const entry of entries.toReversed()) {
    if (entry.path === '' || isTrace(entry)) continue;
    filled.add(parentPath(entry.path));
    kept.push(entry);
  }
  return kept.reverse().map((entry) => planEntry(entry, tarPath));

  function isTrace(entry: TocEntry): boolean {
    const { path, type } = entry;
    const below = base.get(path);
    if (type === 'whiteout') return below === undefined;
    if (!stubs.has(path) || filled.has(path)) return false;
    if (!below) return type === 'dir' || (type === 'file' && entry.size === 0);
    return type === 'dir' && below.type === 'dir' && isDeepStrictEqual(face(entry), face(below));
  }
}

function face({ mode, uid, gid, xattrs }: Pick<TocEntry, 'mode' | 'uid' | 'gid' | 'xattrs'>): unknown {
  return [mode, uid, gid, Object.entries(xattrs ?? {}).sort()];
}

function planEntry({ offset, ...entry }: TocEntry, tarPath: string): LayerPlanEntry {
  if (entry.type !== 'file') return entry;
  return { ...entry, source: { kind: 'blob', path: tarPath, offset: offset ?? 0, size: entry.size } };
}
