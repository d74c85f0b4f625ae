import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { decodeName, encodeName } from '../base/byte-path.ts';
import type { LeftFiles } from '../executor/run-process.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';

/**
 * What a step left on the disk as a tree to look single paths up in: its changes on top of `base`, or all of it where it is whole.
 * Links are never followed. A folder that the step removed and made again still shows what `base` has in it, and what may
 * not be looked at is as `base` has it.
 */
export function leftTree(base: FileTree, { path: root, form }: LeftFiles): Pick<FileTree, 'get' | 'label'> {
  return {
    label: base.label,
    get(path) {
      if (path === '') return base.get('');
      const names = path.split('/');
      let at = root;
      for (const [i, name] of names.entries()) {
        at = join(at, name);
        const stats = look(at);
        if (stats === undefined) return form === 'whole' ? undefined : base.get(path);
        if (isWhiteout(stats)) return undefined;
        if (i === names.length - 1) return entryOf(path, at, stats);
        if (!stats.isDirectory()) return undefined;
      }
      return undefined;
    },
  };
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(encodeName(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** As overlayfs has it (Linux, overlayfs.rst). */
function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

function entryOf(path: string, at: string, stats: Stats): TreeEntry {
  const { uid, gid, size, mtimeMs } = stats;
  const common = { path, uid, gid, size, mode: stats.mode & 0o7777, mtime: Math.floor(mtimeMs / 1000) };
  if (stats.isSymbolicLink()) {
    const linkname = decodeName(readlinkSync(encodeName(at), { encoding: 'buffer' }));
    return { ...common, type: 'symlink', linkname };
  }
  if (stats.isDirectory()) return { ...common, type: 'dir' };
  if (stats.isFile()) return { ...common, type: 'file' };
  if (stats.isFIFO()) return { ...common, type: 'fifo' };
  if (stats.isSocket()) return { ...common, type: 'socket' };
  return { ...common, type: stats.isBlockDevice() ? 'block' : 'char' };
}
