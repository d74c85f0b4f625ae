import type { FileStamp, TreeEntry } from '../layer/file-tree.ts';
import { DIRECTORY, FILE, SYMLINK } from './columns.ts';
import type { FileDigest } from './hash-files.ts';

/**
 * A context that is kept from build to build, as an immutable tree: a change makes new nodes from the entry up to the root
 * and shares all others, so that a build keeps the tree it began with, and what is derived from a node holds as long as it.
 */
export interface LiveNode {
  readonly name: string;
  /** What a file tree shows of it. */
  readonly entry: LiveEntry;
  /** FILE, DIRECTORY or SYMLINK of columns.ts. */
  readonly kind: number;
  readonly stamp: FileStamp;
  /** Of a directory, sorted by name, also those that are not visible. */
  readonly children: readonly LiveNode[];
  /** False for an ignored directory. */
  readonly included: boolean;
  /** Whether it is in the context: an ignored directory is if something in it is. */
  readonly visible: boolean;
  /** Of a file's bytes; found out later, and never another one. */
  digest: FileDigest | undefined;
  /** A directory's visible entries, made when first asked for. */
  listed: readonly LiveEntry[] | undefined;
}

/** An entry that knows its node, so that asking for many digests needs no search. */
export interface LiveEntry extends TreeEntry {
  readonly node: LiveNode;
}

/** What was seen of an entry. */
export interface SeenEntry {
  readonly path: string;
  readonly kind: number;
  readonly mode: number;
  readonly stamp: FileStamp;
  /** Target of a symbolic link. */
  readonly target?: string | undefined;
  /** Names the file where it has several names. */
  readonly inode?: string | undefined;
}

const TYPES = ['file', 'dir', 'symlink'] as const;

/** Makes a node; `children` are sorted. */
export function liveNode(
  seen: SeenEntry,
  { included, children = [] }: { readonly included: boolean; readonly children?: readonly LiveNode[] },
): LiveNode {
  const { path, kind, mode, stamp, target, inode } = seen;
  const entry = {
    path,
    type: TYPES[kind]!,
    mode,
    uid: 0,
    gid: 0,
    size: kind === FILE ? stamp.size : 0,
    mtime: Math.floor(stamp.mtimeMs / 1000),
    ...(kind === SYMLINK && target !== undefined ? { linkname: target } : {}),
    ...(inode === undefined ? {} : { inode }),
  };
  const node: LiveNode & { entry: LiveEntry | undefined } = {
    name: path.slice(path.lastIndexOf('/') + 1),
    entry: undefined as never,
    kind,
    stamp,
    children,
    included,
    visible: included || path === '' || children.some((child) => child.visible),
    digest: undefined,
    listed: undefined,
  };
  node.entry = { ...entry, node };
  return node;
}

/** The directory with other entries in it. */
export function withChildren(directory: LiveNode, seen: SeenEntry, children: readonly LiveNode[]): LiveNode {
  return liveNode(seen, { included: directory.included, children });
}

/** Where among sorted siblings this name is, or would be. */
export function positionOf(siblings: readonly LiveNode[], name: string): number {
  let low = 0;
  let high = siblings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (siblings[middle]!.name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function childNamed(directory: LiveNode | undefined, name: string): LiveNode | undefined {
  if (directory?.kind !== DIRECTORY) return undefined;
  const found = directory.children[positionOf(directory.children, name)];
  return found?.name === name ? found : undefined;
}

/** The node at this path, visible or not. */
export function nodeAt(root: LiveNode, path: string): LiveNode | undefined {
  if (path === '') return root;
  let at: LiveNode | undefined = root;
  for (const name of path.split('/')) at = childNamed(at, name);
  return at;
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.dev === b.dev
  );
}

/** The digest of the same path as it was before, if the file is certainly still that one. */
export function digestFrom(old: LiveNode | undefined, stamp: FileStamp): FileDigest | undefined {
  const known = old?.kind === FILE && old.digest?.settled === true && sameStamp(old.stamp, stamp);
  return known ? old.digest : undefined;
}
