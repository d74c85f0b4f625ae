import { EngineError } from '../../base/errors.ts';
import type { FileTree, TreeEntry } from '../../layer/file-tree.ts';
import type { LayerPlanEntry } from '../../layer/toc.ts';

/**
 * All files of a tree below its root, parents before children, names sorted: what a flat tar or a directory is made of. Of
 * several names of one file the first is the file and the others are hardlinks to it.
 */
export function flatten(tree: FileTree): readonly LayerPlanEntry[] {
  const plan: LayerPlanEntry[] = [];
  const firstNames = new Map<string, string>();
  const pending: TreeEntry[] = [...tree.children('')].reverse();
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    plan.push(planEntry(tree, entry, firstNames));
    if (entry.type === 'dir') pending.push(...[...tree.children(entry.path)].reverse());
  }
  return plan;
}

function planEntry(tree: FileTree, entry: TreeEntry, firstNames: Map<string, string>): LayerPlanEntry {
  const { inode, type, ...rest } = entry;
  if (type === 'socket')
    throw new EngineError('EXPORT_SOCKET', `${entry.path} is a socket, which no archive can hold.`);
  if (type !== 'file') return { ...rest, type };
  const first = inode === undefined ? undefined : firstNames.get(inode);
  if (first !== undefined) return { ...rest, type: 'hardlink', size: 0, linkname: first };
  if (inode !== undefined) firstNames.set(inode, entry.path);
  return { ...rest, type, source: tree.content(entry) };
}
