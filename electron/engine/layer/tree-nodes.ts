import type { TreeEntry } from './file-tree.ts';

/**
 * A file tree whose versions share what they have in common: a change copies the folders on its path and no others, so that
 * the view of a stack of layers is made from the view of the stack below in proportion to what the top layer holds.
 * `Payload` is what the owner of the tree keeps with each entry.
 */
export interface TreeNode<Payload> {
  readonly entry: TreeEntry;
  readonly payload: Payload;
  /** By name; only folders have any. Null for anything else. */
  readonly children: ReadonlyMap<string, TreeNode<Payload>> | null;
}

/** Changes to one version of a tree, which stays as it was. */
export interface TreeEditor<Payload> {
  /** The node at exactly this path, changes included. */
  find(path: string): TreeNode<Payload> | undefined;
  /**
   * Puts an entry at its path. A folder over a folder keeps what is in it; anything else replaces what is there, with all
   * below. Folders missing above it are made with `implied`, as is one in place of anything that is no folder.
   */
  put(entry: TreeEntry, payload: Payload): void;
  /** Removes the entry and all below; nothing happens where there is none. */
  remove(path: string): void;
  /** Removes all below a folder, if it is one. */
  empty(path: string): void;
  /** The new version. Nothing may be changed any more. */
  finish(): TreeNode<Payload>;
}

interface OwnNode<Payload> extends TreeNode<Payload> {
  entry: TreeEntry;
  payload: Payload;
  children: Map<string, TreeNode<Payload>> | null;
}

/** The node at exactly this path. */
export function findNode<Payload>(root: TreeNode<Payload>, path: string): TreeNode<Payload> | undefined {
  if (path === '') return root;
  let node: TreeNode<Payload> | undefined = root;
  for (let start = 0; node;) {
    const end = path.indexOf('/', start);
    const name = end < 0 ? path.slice(start) : path.slice(start, end);
    node = node.children?.get(name);
    if (end < 0) return node;
    start = end + 1;
  }
  return undefined;
}

/** A folder as it appears where an archive does not mention it. */
export function impliedFolder(path: string): TreeEntry & { readonly type: 'dir' } {
  return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
}

/** Begins a new version of the tree below `base`. `implied` gives the payload of folders nobody put. */
export function editTree<Payload>(base: TreeNode<Payload>, implied: Payload): TreeEditor<Payload> {
  const own = new Set<TreeNode<Payload>>();
  const root = owned(base);
  // Entries come in runs from one folder, so the last one is remembered.
  let lastPath: string | undefined;
  let lastFolder: OwnNode<Payload> | undefined;

  function owned(node: TreeNode<Payload>): OwnNode<Payload> {
    if (own.has(node)) return node as OwnNode<Payload>;
    const copy = {
      entry: node.entry,
      payload: node.payload,
      children: node.children && new Map(node.children),
    };
    own.add(copy);
    return copy;
  }

  function add(parent: OwnNode<Payload>, name: string, entry: TreeEntry, payload: Payload): OwnNode<Payload> {
    const node: OwnNode<Payload> = { entry, payload, children: entry.type === 'dir' ? new Map() : null };
    own.add(node);
    parent.children!.set(name, node);
    return node;
  }

  /** The folder at this path, ready to be changed; made where it is missing and `create` says so. */
  function folder(path: string, create: boolean): OwnNode<Payload> | undefined {
    if (path === lastPath) return lastFolder;
    let node = root;
    for (let start = 0; path !== '' && start >= 0;) {
      const end = path.indexOf('/', start);
      const name = path.slice(start, end < 0 ? undefined : end);
      const child = node.children!.get(name);
      if (child?.children) {
        const mine = owned(child);
        if (mine !== child) node.children!.set(name, mine);
        node = mine;
      } else if (create) {
        node = add(node, name, impliedFolder(end < 0 ? path : path.slice(0, end)), implied);
      } else return undefined;
      start = end < 0 ? -1 : end + 1;
    }
    lastPath = path;
    lastFolder = node;
    return node;
  }

  function forgetLast(): void {
    lastPath = lastFolder = undefined;
  }

  return {
    find: (path) => findNode(root, path),
    put(entry, payload) {
      const { path } = entry;
      if (path === '') {
        root.entry = entry;
        root.payload = payload;
        return;
      }
      const slash = path.lastIndexOf('/');
      const parent = folder(slash < 0 ? '' : path.slice(0, slash), true)!;
      const name = path.slice(slash + 1);
      const existing = parent.children!.get(name);
      if (!existing) add(parent, name, entry, payload);
      else if (existing.children && entry.type === 'dir') {
        const mine = owned(existing);
        mine.entry = entry;
        mine.payload = payload;
        if (mine !== existing) parent.children!.set(name, mine);
      } else {
        if (existing.children) forgetLast();
        add(parent, name, entry, payload);
      }
    },
    remove(path) {
      const slash = path.lastIndexOf('/');
      const parent = folder(slash < 0 ? '' : path.slice(0, slash), false);
      if (path === '' || !parent?.children?.delete(path.slice(slash + 1))) return;
      forgetLast();
    },
    empty(path) {
      folder(path, false)?.children?.clear();
      forgetLast();
    },
    finish: () => root,
  };
}
