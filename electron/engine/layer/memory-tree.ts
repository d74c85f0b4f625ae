import { createHash } from 'node:crypto';
import type { EntryType, FileTree, TreeEntry } from './file-tree.ts';

/** What may be said about any entry; what is left out is 0, or 0644, 0755 and 0777 for the modes of files, folders and links. */
export interface MemoryMetadata {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** A file's text or bytes, or an object that says what the entry is. `hardlink` names an earlier file of the tree. */
export type MemoryNode =
  | string
  | Uint8Array
  | (MemoryMetadata &
      (
        | { readonly file: string | Uint8Array }
        | { readonly dir: true }
        | { readonly symlink: string }
        | { readonly hardlink: string }
        | { readonly char: readonly [number, number] }
        | { readonly block: readonly [number, number] }
        | { readonly fifo: true }
        | { readonly socket: true }
      ));

/**
 * A file tree from a plain object of paths: `memoryTree({ 'a/b': 'text', link: { symlink: 'a' }, empty: { dir: true } })`.
 * Folders above an entry appear by themselves as 0755 of root; the key `''` gives the root's metadata.
 */
export function memoryTree(
  nodes: Readonly<Record<string, MemoryNode>>,
  label = 'the build context',
): FileTree {
  const entries = new Map<string, TreeEntry>([['', folder('')]]);
  const contents = new Map<string, Uint8Array>();

  for (const [path, node] of Object.entries(nodes)) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (!entries.has(parent)) entries.set(parent, folder(parent));
    }
    const { entry, data } = build(path, node, entries, contents);
    entries.set(path, entry);
    if (data) contents.set(path, data);
  }

  const childrenOf = new Map<string, TreeEntry[]>();
  for (const entry of [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (entry.path === '') continue;
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(entry);
    else childrenOf.set(parent, [entry]);
  }

  const bytes = (file: TreeEntry): Uint8Array => {
    const data = contents.get(file.path);
    if (!data) throw new Error(`${file.path} is not a file of this tree.`);
    return data;
  };
  return {
    label,
    get: (path) => entries.get(path),
    children: (path) => childrenOf.get(path) ?? [],
    digests: async (files) => files.map((file) => createHash('sha256').update(bytes(file)).digest('hex')),
    content: (file) => ({ kind: 'bytes', data: bytes(file) }),
  };
}

function folder(path: string): TreeEntry {
  return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
}

function build(
  path: string,
  node: MemoryNode,
  entries: ReadonlyMap<string, TreeEntry>,
  contents: ReadonlyMap<string, Uint8Array>,
): { entry: TreeEntry; data?: Uint8Array } {
  if (typeof node === 'string' || node instanceof Uint8Array) {
    return build(path, { file: node }, entries, contents);
  }
  if ('hardlink' in node) {
    const target = entries.get(node.hardlink);
    if (target?.type !== 'file') throw new Error(`${node.hardlink} is not an earlier file of this tree.`);
    return { entry: { ...target, path }, data: contents.get(node.hardlink)! };
  }
  const common = (type: EntryType, mode: number, size = 0): TreeEntry => ({
    path,
    type,
    mode: node.mode ?? mode,
    uid: node.uid ?? 0,
    gid: node.gid ?? 0,
    size,
    mtime: node.mtime ?? 0,
    ...(node.xattrs === undefined ? {} : { xattrs: node.xattrs }),
  });
  if ('file' in node) {
    const data = typeof node.file === 'string' ? Buffer.from(node.file) : node.file;
    return { entry: { ...common('file', 0o644, data.length), inode: path }, data };
  }
  if ('dir' in node) return { entry: common('dir', 0o755) };
  if ('symlink' in node) return { entry: { ...common('symlink', 0o777), linkname: node.symlink } };
  if ('char' in node) return { entry: { ...common('char', 0o644), device: node.char } };
  if ('block' in node) return { entry: { ...common('block', 0o644), device: node.block } };
  return { entry: common('fifo' in node ? 'fifo' : 'socket', 0o644) };
}
