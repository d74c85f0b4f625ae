import { displayName } from '../base/byte-path.ts';
import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { ContentSource, EntryType, FileTree, TreeEntry } from './file-tree.ts';
import type { TocEntry } from './toc.ts';
import { editTree, findNode, impliedFolder, type TreeEditor, type TreeNode } from './tree-nodes.ts';

/** A layer as a view needs it: its table of contents, and the file that holds its uncompressed tar. */
export interface ViewLayer {
  readonly diffId: Digest;
  readonly toc: readonly TocEntry[];
  readonly blobPath: string;
}

/**
 * The file system that a stack of layers makes, as a lookup tree: what a container made from it would see, without
 * unpacking anything. Immutable.
 */
export interface MergedView extends FileTree {
  /** The layer that an entry's metadata comes from; undefined where there is no entry, or none that a layer mentions. */
  layerOf(path: string): Digest | undefined;
  /** The view with another layer on top, in time proportional to that layer. The label stays unless another is given. */
  extend(layer: ViewLayer, label?: string): MergedView;
  /** Every entry but the root, folders before what is in them, siblings sorted. */
  entries(): Generator<TreeEntry, void, undefined>;
}

/** What a node keeps besides its entry; undefined for folders no layer mentions. */
type Origin = { readonly layer: ViewLayer; readonly offset: number; readonly digest: string } | undefined;
type Node = TreeNode<Origin>;

/**
 * The view of layers, lowest first, after the OCI image spec's layer.md: whiteouts and opaque markers hide what lower
 * layers have and never what their own has; a folder over a folder brings new metadata; anything else replaces what is
 * there; folders that a tar leaves out are 0755 of root; a hard link shows the file it names, of this or a lower layer.
 * Fails with LAYER_BROKEN_LINK where that is missing or a folder.
 */
export function mergedView(layers: readonly ViewLayer[], label: string): MergedView {
  const empty: Node = { entry: impliedFolder(''), payload: undefined, children: new Map() };
  return viewOf(layers.reduce(applyLayer, empty), label);
}

function viewOf(root: Node, label: string): MergedView {
  const sortedChildren = new Map<Node, readonly TreeEntry[]>();

  function children(node: Node | undefined): readonly TreeEntry[] {
    if (!node?.children || node.children.size === 0) return [];
    let sorted = sortedChildren.get(node);
    if (!sorted) {
      sorted = [...node.children.values()]
        .map((child) => child.entry)
        .sort((a, b) => (a.path < b.path ? -1 : 1));
      sortedChildren.set(node, sorted);
    }
    return sorted;
  }
  function* below(): Generator<TreeEntry, void, undefined> {
    const pending = children(root).toReversed();
    for (let entry = pending.pop(); entry; entry = pending.pop()) {
      yield entry;
      if (entry.type === 'dir') pending.push(...children(findNode(root, entry.path)).toReversed());
    }
  }
  function originOf(file: TreeEntry): NonNullable<Origin> {
    const node = findNode(root, file.path);
    if (!node?.payload || node.entry.type !== 'file')
      throw new Error(`${file.path} is not a file of ${label}.`);
    return node.payload;
  }

  return {
    label,
    get: (path) => findNode(root, path)?.entry,
    children: (path) => children(findNode(root, path)),
    digests: async (files) => files.map((file) => originOf(file).digest),
    content(file): ContentSource {
      const { layer, offset } = originOf(file);
      return { kind: 'blob', path: layer.blobPath, offset, size: file.size };
    },
    layerOf: (path) => findNode(root, path)?.payload?.layer.diffId,
    extend: (layer, newLabel = label) => viewOf(applyLayer(root, layer), newLabel),
    entries: below,
  };
}

function applyLayer(root: Node, layer: ViewLayer): Node {
  const editor = editTree<Origin>(root, undefined);
  // Whiteouts go first: wherever they lie in the tar, they only concern the layers below.
  for (const entry of layer.toc) {
    if (entry.type === 'whiteout') editor.remove(entry.path);
    else if (entry.type === 'opaque') editor.empty(entry.path);
  }
  for (const entry of layer.toc) {
    const { type } = entry;
    if (type === 'hardlink') link(editor, entry, layer);
    else if (type !== 'whiteout' && type !== 'opaque') {
      editor.put(treeEntry(entry, type), { layer, offset: entry.offset ?? 0, digest: entry.digest ?? '' });
    }
  }
  return editor.finish();
}

function treeEntry(entry: TocEntry, type: EntryType): TreeEntry {
  const { path, mode, uid, gid, size, mtime, linkname, xattrs, device } = entry;
  return {
    path,
    type,
    mode,
    uid,
    gid,
    size,
    mtime,
    ...(linkname === undefined ? {} : { linkname }),
    ...(xattrs === undefined ? {} : { xattrs }),
    ...(device === undefined ? {} : { device }),
  };
}

/** A second name for a node; both get the same inode, which tells COPY to keep them one file. */
function link(editor: TreeEditor<Origin>, entry: TocEntry, layer: ViewLayer): void {
  const target = editor.find(entry.linkname ?? '');
  if (!target || target.entry.type === 'dir') {
    throw new EngineError(
      'LAYER_BROKEN_LINK',
      `Layer ${layer.diffId} has a hard link /${displayName(entry.path)} to /${displayName(entry.linkname ?? '')}, ` +
        (target ? 'which is a folder.' : 'which does not exist.'),
    );
  }
  if (target.entry.path === entry.path) return;
  const { entry: first, payload } = target;
  if (first.type !== 'file' || !payload) {
    editor.put({ ...first, path: entry.path }, payload);
    return;
  }
  const inode = first.inode ?? `${payload.layer.diffId}@${payload.offset}`;
  if (first.inode === undefined) editor.put({ ...first, inode }, payload);
  editor.put({ ...first, path: entry.path, inode }, payload);
}
