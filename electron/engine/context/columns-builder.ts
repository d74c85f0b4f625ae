import { encodeName } from '../base/byte-path.ts';
import { SETTLED, type ContextColumns } from './columns.ts';

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

/** Gathers the rows of a walk in plain arrays, and lays them out as columns in the end. */
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
