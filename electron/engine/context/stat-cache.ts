import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeName, encodeName } from '../base/byte-path.ts';
import type { FileStamp } from '../layer/file-tree.ts';
import { pathsOf, SETTLED, type ContextColumns } from './columns.ts';

/**
 * Digests of a context's files from one build to the next, by path and file state: a file whose device, inode, size,
 * mtime and ctime are all the same is not read again. One file a context: magic, checksum, count, five columns of
 * doubles, digests, paths.
 */
export interface StatCache {
  /** Offset in `bytes` of the 32-byte digest of the file at this path in this state; -1 where it is not known. */
  find(path: string, stamp: FileStamp): number;
  readonly bytes: Uint8Array;
}

const MAGIC = Buffer.from('SLIPSTA1');
const HEAD = MAGIC.length + 8;
/** Doubles a file: device, inode, size, mtime, ctime. */
const FIELDS = 5;

/** Reads the cache; one that is missing, torn or not ours is empty. Never fails. */
export function loadStatCache(file: string | undefined): StatCache {
  const empty: StatCache = { find: () => -1, bytes: new Uint8Array() };
  const bytes = file === undefined ? undefined : readIfThere(file);
  if (!bytes || bytes.length < HEAD || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return empty;
  if (crc32(bytes.subarray(MAGIC.length + 4)) !== bytes.readUInt32LE(MAGIC.length)) return empty;
  const count = bytes.readUInt32LE(MAGIC.length + 4);
  const digestsAt = HEAD + count * FIELDS * 8;
  // The file's bytes lie at any address; a copy is aligned for doubles.
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset + HEAD, bytes.byteOffset + digestsAt));
  const paths = decodeName(bytes.subarray(digestsAt + count * 32)).split('\0');
  let byPath: Map<string, number> | undefined;
  let next = 0;
  const rowOf = (path: string): number | undefined => {
    // Mostly the next walk asks in the order in which the last one wrote.
    if (paths[next] === path) return next;
    byPath ??= new Map(paths.map((known, row) => [known, row]));
    return byPath.get(path);
  };
  return {
    bytes,
    find(path, stamp) {
      const row = rowOf(path);
      if (row === undefined || row >= count) return -1;
      next = row + 1;
      const at = row * FIELDS;
      const same =
        values[at] === stamp.dev &&
        values[at + 1] === stamp.ino &&
        values[at + 2] === stamp.size &&
        values[at + 3] === stamp.mtimeMs &&
        values[at + 4] === stamp.ctimeMs;
      return same ? digestsAt + row * 32 : -1;
    },
  };
}

export interface SaveInput {
  readonly file: string;
  readonly columns: ContextColumns;
}

/**
 * Worker job `context.keep`: keeps every settled digest for the next build. The file is replaced as a whole, so that
 * readers see the old or the new one; its folder is made if need be.
 */
export function saveStatCacheJob({ file, columns }: SaveInput): void {
  const rows: number[] = [];
  for (let row = 0; row < columns.count; row++) if (columns.known[row] === SETTLED) rows.push(row);
  const values = new Float64Array(rows.length * FIELDS);
  const digests = Buffer.alloc(rows.length * 32);
  for (const [i, row] of rows.entries()) {
    values.set(
      [
        columns.devices[row]!,
        columns.inodes[row]!,
        columns.sizes[row]!,
        columns.mtimes[row]!,
        columns.ctimes[row]!,
      ],
      i * FIELDS,
    );
    digests.set(columns.digests.subarray(row * 32, row * 32 + 32), i * 32);
  }
  const pathOf = pathsOf(columns);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(rows.length);
  const body = Buffer.concat([
    count,
    Buffer.from(values.buffer),
    digests,
    encodeName(rows.map(pathOf).join('\0')),
  ]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  // One fixed name: what a killed process leaves is overwritten, and two writers at once are caught by the checksum.
  const draft = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, Buffer.concat([MAGIC, sum, body]));
  renameSync(draft, file);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
