import { decodeName, encodeName } from '../base/byte-path.ts';

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
  for (let start = 0; start < own.length; ) {
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

/** A row as it is found. */
export interface Row {
  readonly name: string;
  readonly parent: number;
  readonly kind: number;
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly dev: number;
  readonly ino: number;
  /** False for an ignored directory that is there only if something below it is not ignored. */
  readonly included: boolean;
  /** Where in {@link ColumnsBuilder.finish}'s `digests` the file's digest lies; -1 where it is not known. */
  readonly digestAt: number;
}

export interface ColumnsBuilder {
  /** Appends a row and answers its index; rows of one directory must come one after another. */
  push(row: Row): number;
  linked(row: number, wideInode?: string): void;
  target(row: number, target: string): void;
  /** Takes a directory that vanished out again. Call it before its entries. */
  drop(row: number): void;
  finish(digests: Uint8Array): ContextColumns;
}

export function columnsBuilder(): ColumnsBuilder {
  const found: string[] = [];
  const parents: number[] = [];
  const kinds: number[] = [];
  const modes: number[] = [];
  const included: boolean[] = [];
  const digestsAt: number[] = [];
  const sizes: number[] = [];
  const mtimes: number[] = [];
  const ctimes: number[] = [];
  const devices: number[] = [];
  const inodes: number[] = [];
  const links = new Map<number, string | undefined>();
  const targets = new Map<number, string>();

  return {
    push(row) {
      found.push(row.name);
      parents.push(row.parent);
      kinds.push(row.kind);
      modes.push(row.mode);
      included.push(row.included);
      digestsAt.push(row.digestAt);
      sizes.push(row.size);
      mtimes.push(row.mtimeMs);
      ctimes.push(row.ctimeMs);
      devices.push(row.dev);
      inodes.push(row.ino);
      return found.length - 1;
    },
    linked: (row, wideInode) => void links.set(row, wideInode),
    target: (row, target) => void targets.set(row, target),
    drop: (row) => void (included[row] = false),
    finish(digests) {
      // Entries come after their directory, so one pass from the end carries "included" up to the root.
      for (let row = found.length - 1; row > 0; row--) if (included[row]) included[parents[row]!] = true;
      const keep: number[] = [];
      const moved = new Uint32Array(found.length);
      for (let row = 0; row < found.length; row++) {
        if (row > 0 && !included[row]) continue;
        moved[row] = keep.length;
        keep.push(row);
      }
      const count = keep.length;
      const columns = allocate(count);
      let at = 0;
      for (let row = 0; row < count; row++) {
        const from = keep[row]!;
        columns.nameEnds[row] = at += found[from]!.length + (row === 0 ? 0 : 1);
        const parent = moved[parents[from]!]!;
        columns.parents[row] = parent;
        if (row > 0) {
          if (columns.childEnds[parent] === 0) columns.childStarts[parent] = row;
          columns.childEnds[parent] = row + 1;
        }
        columns.kinds[row] = kinds[from]!;
        columns.modes[row] = modes[from]!;
        columns.sizes[row] = sizes[from]!;
        columns.mtimes[row] = mtimes[from]!;
        columns.ctimes[row] = ctimes[from]!;
        columns.devices[row] = devices[from]!;
        columns.inodes[row] = inodes[from]!;
        const digestAt = digestsAt[from]!;
        if (digestAt >= 0) {
          columns.known[row] = SETTLED;
          for (let i = 0; i < 32; i++) columns.digests[row * 32 + i] = digests[digestAt + i]!;
        }
      }
      for (const row of links.keys()) columns.linked[moved[row]!] = 1;
      const wide = [...links].filter((link): link is [number, string] => link[1] !== undefined);
      const kept = count === found.length ? found : keep.map((row) => found[row]!);
      const bytes = encodeName(`${kept.join('\0')}\0`);
      const names = new Uint8Array(new SharedArrayBuffer(bytes.length));
      names.set(bytes);
      return {
        ...columns,
        names,
        wideInodes: new Map(wide.map(([row, inode]) => [moved[row]!, inode])),
        targets: new Map([...targets].map(([row, target]) => [moved[row]!, target])),
      };
    },
  };
}

function allocate(count: number): Omit<ContextColumns, 'names' | 'wideInodes' | 'targets'> {
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(count * bytes);
  return {
    count,
    nameEnds: new Uint32Array(shared(4)),
    parents: new Uint32Array(shared(4)),
    childStarts: new Uint32Array(shared(4)),
    childEnds: new Uint32Array(shared(4)),
    kinds: new Uint8Array(shared(1)),
    modes: new Uint16Array(shared(2)),
    linked: new Uint8Array(shared(1)),
    sizes: new Float64Array(shared(8)),
    mtimes: new Float64Array(shared(8)),
    ctimes: new Float64Array(shared(8)),
    devices: new Float64Array(shared(8)),
    inodes: new Float64Array(shared(8)),
    known: new Uint8Array(shared(1)),
    digests: new Uint8Array(shared(32)),
  };
}
