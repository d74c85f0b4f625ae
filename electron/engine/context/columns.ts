import { decodeName } from '../base/byte-path.ts';
import type { FileStamp } from '../layer/file-tree.ts';

/**
 * A walked context as columns: one row an entry, the root first, directory by directory, so that the entries of a
 * directory are one run of rows in the order of their names. The columns lie in shared memory: they cross threads without
 * being copied, and hashing workers write the digests they find straight into them.
 */
export interface ContextColumns {
  readonly count: number;
  /** Names one after another with a NUL after each, as the file system has their bytes. The root's is empty. */
  readonly names: Uint8Array;
  /** Where each name ends in the text of `names`; see {@link namesOf}. */
  readonly nameEnds: Uint32Array;
  readonly parents: Uint32Array;
  /** Rows of a directory's entries: from `childStarts` to before `childEnds`. */
  readonly childStarts: Uint32Array;
  readonly childEnds: Uint32Array;
  readonly kinds: Uint8Array;
  readonly modes: Uint16Array;
  /** 1 where the file has more names than one. */
  readonly linked: Uint8Array;
  readonly sizes: Float64Array;
  readonly mtimes: Float64Array;
  readonly ctimes: Float64Array;
  readonly devices: Float64Array;
  readonly inodes: Float64Array;
  /** Inode numbers of linked files that a double cannot hold, by row. */
  readonly wideInodes: ReadonlyMap<number, string>;
  /** Targets of symbolic links, by row. */
  readonly targets: ReadonlyMap<number, string>;
  /** What is known of each file's digest: see {@link UNKNOWN}. */
  readonly known: Uint8Array;
  /** 32 bytes a row. */
  readonly digests: Uint8Array;
}

export const FILE = 0;
export const DIRECTORY = 1;
export const SYMLINK = 2;

export const UNKNOWN = 0;
/** Of this file state and no other: may be kept for later builds. */
export const SETTLED = 1;
/** Good for this build; the file changed too shortly before to tell a later change by its times. */
export const RECENT = 2;

/** In which state a file was found. */
export function stampOf(columns: ContextColumns, row: number): FileStamp {
  return {
    dev: columns.devices[row]!,
    ino: columns.inodes[row]!,
    size: columns.sizes[row]!,
    mtimeMs: columns.mtimes[row]!,
    ctimeMs: columns.ctimes[row]!,
  };
}

/** Names a file that has several names. */
export function inodeOf(columns: ContextColumns, row: number): string {
  return `${columns.devices[row]}:${columns.wideInodes.get(row) ?? columns.inodes[row]}`;
}

/** A function that answers the name of a row. Making it decodes all names at once: keep it. */
export function namesOf(columns: ContextColumns): (row: number) => string {
  const text = decodeNames(columns.names);
  const ends = columns.nameEnds;
  return (row) => text.slice(row === 0 ? 0 : ends[row - 1]! + 1, ends[row]);
}

function decodeNames(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer).toString('utf8');
  if (!text.includes('\ufffd')) return text;
  // Only names that need it take the slow way; and what decodes there takes no shared memory.
  const own = Uint8Array.from(bytes);
  const names: string[] = [];
  for (let start = 0; start < own.length;) {
    const end = own.indexOf(0, start);
    names.push(decodeName(own.subarray(start, end)));
    start = end + 1;
  }
  return `${names.join('\0')}\0`;
}

/** A function that answers the path of a row relative to the root; it remembers directories, so ask it for many. */
export function pathsOf(columns: ContextColumns): (row: number) => string {
  const nameOf = namesOf(columns);
  const directories = new Map<number, string>([[0, '']]);
  const directoryPath = (row: number): string => {
    const seen = directories.get(row);
    if (seen !== undefined) return seen;
    const path = `${directoryPath(columns.parents[row]!)}${nameOf(row)}/`;
    directories.set(row, path);
    return path;
  };
  return (row) => (row === 0 ? '' : directoryPath(columns.parents[row]!) + nameOf(row));
}
