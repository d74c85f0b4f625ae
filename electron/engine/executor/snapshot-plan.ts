import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import { mergedView, type ViewLayer } from '../layer/merged-view.ts';
import type { LayerPlanEntry, TocEntry } from '../layer/toc.ts';

/** An entry of an unpacked layer. */
export interface SnapshotEntry extends LayerPlanEntry {
  /** A directory that hides what lower layers have in it; overlayfs says so by an attribute. */
  readonly opaque?: true;
}

/**
 * A layer as a directory that overlayfs can take for one of its lower ones: what the layer holds, whiteouts as devices 0/0. Folders that the layer holds things in but does not mention are as the view
 * of the whole stack has them, because on top of the stack that is what they become. Each path comes once, folders first,
 * nothing lies below a link. Devices are empty files here: what runs in the image must not reach the machine's disks by a
 * name that the image brings; in the layer's blob they stay what they are. Fails with LAYER_BROKEN_LINK.
 */
export function planSnapshot(layer: ViewLayer, stack: Pick<FileTree, 'get'>): SnapshotEntry[] {
  const held = layer.toc.filter(({ type }) => type !== 'whiteout' && type !== 'opaque');
  const mentioned = new Set(held.map(({ path }) => path));
  const hidden = layer.toc.filter(({ type }) => type === 'whiteout' || type === 'opaque');
  const standIns = hidden
    .filter(({ path }) => path !== '' && !mentioned.has(path))
    .map(({ path, type }): TocEntry =>
      type === 'whiteout' ? { ...BARE, path, type: 'char', device: [0, 0] } : { ...BARE, path, type: 'dir' },
    );
  const own = mergedView([{ ...layer, toc: [...standIns, ...held] }], 'a layer');
  // A name that the layer removes and brings again as a folder is that folder, without what it had below.
  const opaque = new Set(hidden.map(({ path }) => path).filter((path) => own.get(path)?.type === 'dir'));
  const firstNames = new Map<string, string>();
  return [...own.entries()].map((entry) => {
    const below = entry.type === 'dir' && !mentioned.has(entry.path) ? stack.get(entry.path) : undefined;
    const planned = planEntry(below?.type === 'dir' ? below : entry, own, firstNames);
    return opaque.has(entry.path) ? { ...planned, opaque: true } : planned;
  });
}

const BARE = { mode: 0, uid: 0, gid: 0, mtime: 0, size: 0 } as const;

/** An entry of a tree as a directory can hold it; devices are empty files. */
export function planEntry(
  entry: TreeEntry,
  tree: Pick<FileTree, 'content'>,
  firstNames: Map<string, string>,
): LayerPlanEntry {
  const { path, type, mode, uid, gid, mtime, size, linkname, xattrs, device, inode } = entry;
  const common = { path, mode, uid, gid, mtime };
  const first = inode === undefined ? undefined : firstNames.get(inode);
  if (first !== undefined) return { ...common, type: 'hardlink', size: 0, linkname: first };
  if (inode !== undefined) firstNames.set(inode, path);
  const isWhiteout = device?.every((number) => number === 0) === true;
  if ((type === 'char' || type === 'block') && !isWhiteout) {
    return { ...common, type: 'file', size: 0, source: { kind: 'bytes', data: new Uint8Array() } };
  }
  return {
    ...common,
    type: type as LayerPlanEntry['type'],
    size,
    ...(linkname === undefined ? {} : { linkname }),
    ...(xattrs === undefined ? {} : { xattrs }),
    ...(device === undefined ? {} : { device }),
    ...(type === 'file' ? { source: tree.content(entry) } : {}),
  };
}
