import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { parentPath } from './entry-path.ts';
import type { ContentSource, EntryType, FileTree, TreeEntry } from './file-tree.ts';
import { resolvePath } from './resolve.ts';
import type { LayerPlanEntry, TocEntry } from './toc.ts';
import { editTree, impliedFolder, type TreeNode } from './tree-nodes.ts';

export interface UnpackOptions {
  /** What {@link import('./expand-archive.ts').expandArchive} listed, and the tar it wrote. */
  readonly entries: readonly TocEntry[];
  readonly tarPath: string;
  /** What the archive is unpacked onto. */
  readonly base: Pick<FileTree, 'label' | 'get' | 'content'>;
  /** Directory in `base`, absolute or relative to its root; links on the way to it are followed inside the base. */
  readonly destination: string;
  /** --chown: owns everything instead of the owners that the archive names, and the folders made for the destination. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Seconds since 1970: mtime of folders that nobody describes. */
  readonly createdAt: number;
}

/** What is put at a path: shared by all names of one file, which the layer then writes as hard links. */
interface Item {
  readonly entry: TocEntry | TreeEntry;
  readonly source?: ContentSource;
  readonly digest?: string;
}
type Node = TreeNode<Item | undefined>;

/**
 * The layer that unpacking an archive onto a base makes, as BuildKit's ADD does it: as if by tar in a chroot at the
 * destination. Links that lead anywhere, of the base or of the archive itself, are followed inside the destination and
 * `..` stops at it; the last component of an entry is never followed but replaced, and a folder over a folder changes its
 * metadata only. Modes, owners, times, device nodes and attributes are the archive's. An entry for the destination itself
 * is ignored. Names that would read as whiteouts are left for the writer to refuse (LAYER_RESERVED_NAME).
 *
 * Folders come before what is in them, siblings sorted; folders of the base that nothing changed are not repeated. Fails with
 * COPY_DESTINATION_NOT_DIRECTORY, LAYER_BROKEN_LINK, LAYER_BAD_PATH for an entry below a file, and SYMLINK_LOOP.
 */
export function planUnpack(options: UnpackOptions): LayerPlanEntry[] {
  const { entries, tarPath, base, owner } = options;
  const editor = editTree<Item | undefined>(
    { entry: impliedFolder(''), payload: undefined, children: new Map() },
    undefined,
  );
  /** Folders of the base that something else took the place of, for a while or for good. */
  const replaced = new Set<string>();
  let plainFolder: string | undefined;

  const root = resolvePath(base, options.destination, { followLast: true });
  if (root.entry && root.entry.type !== 'dir') {
    throw new EngineError(
      'COPY_DESTINATION_NOT_DIRECTORY',
      `/${displayName(root.path)} is not a directory in ${base.label}, so an archive cannot be unpacked there.`,
    );
  }
  const inRoot = (path: string): string =>
    root.path === '' || path === '' ? root.path + path : `${root.path}/${path}`;
  const current = (path: string): TreeEntry | undefined => editor.find(path)?.entry ?? baseEntry(path);
  const chroot = { label: base.label, get: (path: string) => current(inRoot(path)) };

  /** What the base has here, unless the archive put something else in the place of a folder above it. */
  function baseEntry(path: string): TreeEntry | undefined {
    for (let at = path; at !== '' && replaced.size > 0;) {
      at = parentPath(at);
      if (replaced.has(at)) return undefined;
    }
    return base.get(path);
  }

  /** Where an entry of the archive lands in the base. */
  function landing(path: string): string {
    const parent = parentPath(path);
    if (parent === plainFolder) return inRoot(path);
    const resolved = resolvePath(chroot, parent, { followLast: true }).path;
    for (let at = resolved; at !== ''; at = parentPath(at)) {
      const entry = chroot.get(at);
      if (entry?.type === 'dir') break;
      if (entry) {
        throw new EngineError(
          'LAYER_BAD_PATH',
          `The archive's entry ${displayName(path)} lies below a file.`,
        );
      }
    }
    // Entries come in runs from one folder; a path with links in it has to be looked at each time.
    plainFolder = resolved === parent ? parent : undefined;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return inRoot(resolved === '' ? name : `${resolved}/${name}`);
  }

  for (const entry of entries) {
    if (entry.path === '') continue;
    const path = landing(entry.path);
    const item = entry.type === 'hardlink' ? linked(entry) : itemOf(entry);
    if (item.entry.type !== 'dir' && baseEntry(path)?.type === 'dir') replaced.add(path);
    editor.put(treeEntryAt(path, item), item);
  }
  return [...plan(editor.finish())];

  function itemOf(entry: TocEntry): Item {
    if (entry.type !== 'file') return { entry };
    const { offset = 0, size, digest } = entry;
    return {
      entry,
      source: { kind: 'blob', path: tarPath, offset, size },
      ...(digest === undefined ? {} : { digest }),
    };
  }

  function linked(entry: TocEntry): Item {
    const target = landing(entry.linkname ?? '');
    const placed = editor.find(target);
    if (placed?.payload && placed.entry.type !== 'dir') return placed.payload;
    const below = placed ? undefined : baseEntry(target);
    if (!below || below.type === 'dir') {
      throw new EngineError(
        'LAYER_BROKEN_LINK',
        `The archive's hard link ${displayName(entry.path)} names ${displayName(entry.linkname ?? '')}, which is ` +
          (placed || below ? 'a folder.' : 'not there.'),
      );
    }
    return below.type === 'file' ? { entry: below, source: base.content(below) } : { entry: below };
  }

  function* plan(node: Node): Generator<LayerPlanEntry, void, undefined> {
    const firstNames = new Map<Item, string>();
    const pending = [node];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const planned = planEntry(next, firstNames);
      if (planned) yield planned;
      // The folder is back, but what the base has in it is not.
      if (next.entry.type === 'dir' && replaced.has(next.entry.path)) {
        yield { ...impliedFolder(next.entry.path), type: 'opaque' };
      }
      const children = [...(next.children?.values() ?? [])];
      pending.push(...children.sort((a, b) => (a.entry.path < b.entry.path ? 1 : -1)));
    }
  }

  function planEntry(
    { entry, payload: item }: Node,
    firstNames: Map<Item, string>,
  ): LayerPlanEntry | undefined {
    const { path } = entry;
    if (!item) {
      if (path === '' || (!replaced.has(path) && baseEntry(path)?.type === 'dir')) return undefined;
      const isDestination = path === root.path || root.path.startsWith(`${path}/`);
      return { ...impliedFolder(path), mtime: options.createdAt, ...(isDestination ? owner : {}) };
    }
    const { type, mode, uid, gid, mtime, size, linkname, xattrs, device } = item.entry;
    const common = { path, mode, mtime, uid: owner?.uid ?? uid, gid: owner?.gid ?? gid };
    const first = firstNames.get(item);
    if (first !== undefined) return { ...common, type: 'hardlink', size: 0, linkname: first };
    firstNames.set(item, path);
    return {
      ...common,
      type: type as LayerPlanEntry['type'],
      size,
      ...(linkname === undefined ? {} : { linkname }),
      ...(xattrs === undefined ? {} : { xattrs }),
      ...(device === undefined ? {} : { device }),
      ...(item.source === undefined ? {} : { source: item.source }),
      ...(item.digest === undefined ? {} : { digest: item.digest }),
    };
  }
}

/** As much of an entry as resolving links needs. */
function treeEntryAt(path: string, { entry }: Item): TreeEntry {
  const { linkname } = entry;
  return {
    ...impliedFolder(path),
    type: entry.type as EntryType,
    ...(linkname === undefined ? {} : { linkname }),
  };
}
