import type { MergedView } from '../../layer/merged-view.ts';
import type { LayerPlanEntry } from '../../layer/toc.ts';

/**
 * All files of a view below its root, parents before children, names sorted: what a flat tar or a directory is made of. Of
 * several names of one file the first is the file and the others are hardlinks to it.
 */
export async function flatten(
  view: Pick<MergedView, 'entries' | 'content' | 'digests'>,
): Promise<LayerPlanEntry[]> {
  const entries = [...view.entries()];
  const files = entries.filter((entry) => entry.type === 'file');
  const digests = await view.digests(files);
  const firstNames = new Map<string, string>();
  let next = 0;
  return entries.map((entry): LayerPlanEntry => {
    const { inode, type, ...rest } = entry;
    if (type === 'socket') throw new Error(`No layer can hold a socket such as ${entry.path}.`);
    if (type !== 'file') return { ...rest, type };
    const digest = digests[next++]!;
    const first = inode === undefined ? undefined : firstNames.get(inode);
    if (first !== undefined) return { ...rest, type: 'hardlink', size: 0, linkname: first };
    if (inode !== undefined) firstNames.set(inode, entry.path);
    return { ...rest, type, digest, source: view.content(entry) };
  });
}
