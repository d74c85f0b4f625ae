import { parentPath } from './entry-path.ts';
import type { FileTree } from './file-tree.ts';
import type { LayerPlanEntry } from './toc.ts';

/**
 * The plan with an entry for every folder above its entries that the base already has and the plan leaves out, as the base
 * has it. Engines that unpack each layer in a directory of its own (Docker's overlay2, and our snapshots) otherwise make
 * those folders as 0755 of root, and on top of the base that is what they become: /tmp would lose its sticky bit.
 * BuildKit's layers hold them too. Order is kept, each folder comes before what is in it.
 */
export function withParents(plan: readonly LayerPlanEntry[], base: Pick<FileTree, 'get'>): LayerPlanEntry[] {
  const mentioned = new Set(plan.map((entry) => entry.path));
  const result: LayerPlanEntry[] = [];
  for (const entry of plan) {
    const missing: string[] = [];
    for (let path = entry.path; path !== '';) {
      path = parentPath(path);
      if (path === '' || mentioned.has(path)) break;
      mentioned.add(path);
      missing.push(path);
    }
    for (const path of missing.reverse()) {
      const folder = base.get(path);
      if (folder?.type !== 'dir') continue;
      const { mode, uid, gid, mtime, xattrs } = folder;
      result.push({
        path,
        type: 'dir',
        mode,
        uid,
        gid,
        mtime,
        size: 0,
        ...(xattrs === undefined ? {} : { xattrs }),
      });
    }
    result.push(entry);
  }
  return result;
}
