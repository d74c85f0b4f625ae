import type { FileTree, TreeEntry } from '../layer/file-tree.ts';

/** What builds asked of a tree. */
export interface RecordedReads {
  /** The tree, whose every question is noted. */
  readonly tree: FileTree;
  /**
   * Whether a change at this path may change what was answered: the bytes or metadata of a file that was read, an entry in
   * a folder that was listed, or what was looked for by name.
   */
  concerns(path: string): boolean;
}

/** Notes what is asked of `tree`. Costs next to nothing until `concerns` is asked. */
export function recordReads(tree: FileTree): RecordedReads {
  const asked = new Set<string>();
  const listed = new Set<string>();
  const batches: (readonly TreeEntry[])[] = [];
  let indexed = 0;
  const files = new Set<string>();

  const isFileRead = (path: string): boolean => {
    for (; indexed < batches.length; indexed++) for (const file of batches[indexed]!) files.add(file.path);
    return files.has(path);
  };
  /** Whether the folder nearest above this path was listed: a new folder's entries belong to the one it lies in. */
  const isListed = (path: string): boolean => {
    for (let at = parentOf(path); ; at = parentOf(at)) {
      if (listed.has(at)) return true;
      if (at === '' || tree.get(at) !== undefined) return false;
    }
  };

  return {
    tree: {
      label: tree.label,
      get(path) {
        asked.add(path);
        return tree.get(path);
      },
      children(path) {
        listed.add(path);
        return tree.children(path);
      },
      digests(wanted, signal) {
        batches.push(wanted);
        return tree.digests(wanted, signal);
      },
      content: (file) => tree.content(file),
    },
    concerns(path) {
      if (isFileRead(path) || asked.has(path)) return true;
      return tree.get(path)?.type !== 'file' && isListed(path);
    },
  };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
