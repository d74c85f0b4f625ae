import { EngineError } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { ContentSource, FileTree, TreeEntry } from '../layer/file-tree.ts';
import {
  DIRECTORY,
  FILE,
  inodeOf,
  namesOf,
  RECENT,
  stampOf,
  UNKNOWN,
  type ContextColumns,
} from './columns.ts';
import { hashRows } from './hash-rows.ts';
import { hostName } from './host-path.ts';

/** What a tree over a walked context needs besides its columns. */
export interface ContextTreeOptions {
  /** Absolute path of the context's folder. */
  readonly root: string;
  /** What it is called in messages; default: the build context. */
  readonly label?: string;
  readonly pool: WorkerPool;
  /** Where digests are kept for the next build; nothing is kept without it. */
  readonly statCachePath?: string | undefined;
}

/**
 * The file tree of a walked context. Entries are made when they are asked for, with owner 0:0 and times in whole seconds.
 * `digests` hashes in worker threads what no stat cache knew, and fails with CONTEXT_FILE_CHANGED, CONTEXT_UNREADABLE.
 */
export function contextTree(
  columns: ContextColumns,
  { root, label = 'the build context', pool, statCachePath }: ContextTreeOptions,
): FileTree {
  const nameOf = namesOf(columns);
  const entries: (ContextEntry | undefined)[] = new Array(columns.count);
  const directories = new Map<string, number>([['', 0]]);
  let hashing: Promise<unknown> = Promise.resolve();

  const entryAt = (row: number, path: string): TreeEntry => (entries[row] ??= makeEntry(columns, row, path));

  const rowOf = (path: string): number | undefined => {
    const seen = directories.get(path);
    if (seen !== undefined) return seen;
    const slash = path.lastIndexOf('/');
    if (slash === 0) return undefined;
    const parent = rowOf(path.slice(0, Math.max(0, slash)));
    if (parent === undefined) return undefined;
    const row = findChild(columns, nameOf, parent, path.slice(slash + 1));
    if (row !== undefined && columns.kinds[row] === DIRECTORY) directories.set(path, row);
    return row;
  };

  const rowOfFile = (file: TreeEntry): number => {
    const known = (file as Partial<ContextEntry>).row;
    const row = known !== undefined && entries[known]?.path === file.path ? known : rowOf(file.path);
    if (row === undefined || columns.kinds[row] !== FILE) {
      throw new EngineError('INTERNAL', `"${file.path}" is not a file of the build context.`);
    }
    return row;
  };

  return {
    label,
    get(path) {
      const row = rowOf(path);
      return row === undefined ? undefined : entryAt(row, path);
    },
    children(path) {
      const row = rowOf(path);
      if (row === undefined) return [];
      const below = path === '' ? '' : `${path}/`;
      const children: TreeEntry[] = [];
      for (let child = columns.childStarts[row]!; child < columns.childEnds[row]!; child++) {
        children.push(entries[child] ?? entryAt(child, below + nameOf(child)));
      }
      return children;
    },
    async digests(files, signal) {
      const rows = Uint32Array.from(files, rowOfFile);
      // One after the other, so that steps that copy the same files do not hash them twice.
      const mine = hashing.then(async () => {
        signal?.throwIfAborted();
        const unknown = rows.filter((row) => columns.known[row] === UNKNOWN);
        if (unknown.length > 0) await hashRows(unknown, columns, { root, pool, statCachePath }, signal);
      });
      hashing = mine.catch(() => undefined);
      await mine;
      const digests = Buffer.from(columns.digests.buffer);
      return Array.from(rows, (row) => digests.toString('hex', row * 32, row * 32 + 32));
    },
    content(file): ContentSource {
      const row = rowOfFile(file);
      return {
        kind: 'host',
        path: hostName(root, file.path),
        stamp: stampOf(columns, row),
        ...(columns.known[row] === RECENT ? { recent: true } : {}),
      };
    },
  };
}

/** An entry that knows its row, so that asking for many digests needs no search. */
interface ContextEntry extends TreeEntry {
  readonly row: number;
}

const TYPES = ['file', 'dir', 'symlink'] as const;

function makeEntry(columns: ContextColumns, row: number, path: string): ContextEntry {
  const entry: ContextEntry = {
    path,
    type: TYPES[columns.kinds[row]!]!,
    mode: columns.modes[row]!,
    uid: 0,
    gid: 0,
    size: columns.sizes[row]!,
    mtime: Math.floor(columns.mtimes[row]! / 1000),
    row,
  };
  if (columns.linked[row] === 1) return { ...entry, inode: inodeOf(columns, row) };
  const linkname = columns.targets.get(row);
  return linkname === undefined ? entry : { ...entry, linkname };
}

/** Binary search among the sorted names of a directory. */
function findChild(
  columns: ContextColumns,
  nameOf: (row: number) => string,
  parent: number,
  name: string,
): number | undefined {
  let low = columns.childStarts[parent]!;
  let high = columns.childEnds[parent]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (nameOf(middle) < name) low = middle + 1;
    else high = middle;
  }
  return low < columns.childEnds[parent]! && nameOf(low) === name ? low : undefined;
}
