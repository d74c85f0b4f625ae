import type { FileTree, TreeEntry } from '../layer/file-tree.ts';

/** What a COPY or ADD takes from its source tree. */
export interface Selection {
  readonly tree: FileTree;
  /** In the order of the sources; a wildcard gives one for each match. */
  readonly roots: readonly SelectedRoot[];
}

/** One thing to be copied: a folder's contents, or a single file, link or node. */
export interface SelectedRoot {
  /** Its name inside a destination folder, if it is no folder itself. */
  readonly name: string;
  /** What it is, links followed. */
  readonly entry: TreeEntry;
  /** Whether the folder's own metadata counts in the cache key: not where the source ends in `/` or is the tree's root. */
  readonly countsItself: boolean;
  /** A folder: all that is selected below it, parents first. Anything else: itself, with the path `''`. */
  readonly entries: readonly SelectedEntry[];
}

export interface SelectedEntry {
  /** Relative to the root it was selected with. */
  readonly path: string;
  readonly entry: TreeEntry;
  /** A folder that was not selected itself; something below it was. */
  readonly implied?: true;
}

/** The regular files of a selection, each once: what must be hashed for its cache key. */
export function selectedFiles({ roots }: Selection): readonly TreeEntry[] {
  if (roots.length === 1) return filesOf(roots[0]!);
  const files = new Map<string, TreeEntry>();
  for (const root of roots) {
    for (const file of filesOf(root)) files.set(file.path, file);
  }
  return [...files.values()];
}

function filesOf({ entries }: SelectedRoot): readonly TreeEntry[] {
  const files: TreeEntry[] = [];
  for (const { entry } of entries) if (entry.type === 'file') files.push(entry);
  return files;
}
