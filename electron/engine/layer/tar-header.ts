import { encodeName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { BLOCK, FIELD, MAX_EXTENDED_HEADER, MAX_OCTAL_11, MAX_OCTAL_7, paddingOf } from './tar-format.ts';
import type { LayerEntry } from './toc.ts';

/**
 * An entry as tar header blocks: plain ustar where everything fits, else preceded by a PAX extended header (POSIX.1-2001).
 * Names are written as their bytes. The same entry always gives the same bytes. The writer of layers uses this and not
 * tar-stream because that one writes no name that is not UTF-8, no xattr bytes, and no user id above 0o777777.
 */
export interface TarHeader {
  /** Bytes {@link put} writes: a multiple of 512. */
  readonly length: number;
  /** Writes the header into `target` from offset `at`. */
  put(target: Buffer, at: number): void;
}

/** What the headers say about an entry; the name is the one in the archive, without a directory's trailing slash. */
export type ArchivedEntry = Omit<LayerEntry, 'type' | 'path'> & {
  readonly name: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
};

const TYPE_FLAG = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
} as const;
const PAX_NAME = Buffer.from('././@PaxHeader');
const USTAR_MAGIC = Buffer.from('ustar\x0000', 'latin1');
const SLASH = 0x2f;

/** The header of an entry. Fails with LAYER_BAD_XATTR or LAYER_HEADER_TOO_LARGE (above 1 MiB of names and attributes). */
export function tarHeader(entry: ArchivedEntry): TarHeader {
  const name = encodeName(archivedName(entry));
  const link = entry.linkname === undefined ? undefined : encodeName(entry.linkname);
  const split = splitName(name);
  const records = paxRecords(entry, split === undefined ? name : undefined, link);
  const pax = records.length === 0 ? undefined : Buffer.concat(records);
  if (pax && pax.length > MAX_EXTENDED_HEADER) {
    throw new EngineError(
      'LAYER_HEADER_TOO_LARGE',
      `The names and attributes of ${entry.name} do not fit into a layer.`,
    );
  }
  const extended = pax ? BLOCK + pax.length + paddingOf(pax.length) : 0;
  return {
    length: extended + BLOCK,
    put(target, at) {
      if (pax) {
        putBlock(target, at, {
          name: PAX_NAME,
          split: PAX_NAME.length,
          flag: 'x',
          mode: 0o644,
          size: pax.length,
        });
        target.set(pax, at + BLOCK);
        target.fill(0, at + BLOCK + pax.length, at + extended);
      }
      const flag = TYPE_FLAG[entry.type];
      const { mode, uid, gid, mtime, device } = entry;
      const size = entry.type === 'file' ? entry.size : 0;
      putBlock(target, at + extended, {
        name,
        split: split ?? -1,
        flag,
        mode,
        uid,
        gid,
        size,
        mtime,
        link,
        device,
      });
    },
  };
}

/** The header as bytes of its own. */
export function encodeTarHeader(entry: ArchivedEntry): Buffer {
  const header = tarHeader(entry);
  const bytes = Buffer.allocUnsafe(header.length);
  header.put(bytes, 0);
  return bytes;
}

function archivedName(entry: ArchivedEntry): string {
  if (entry.name === '') return './';
  return entry.type === 'dir' ? `${entry.name}/` : entry.name;
}

/**
 * Where ustar cuts a name: the bytes before go into `prefix`, the slash is implied. The whole length means that there is
 * nothing to cut; undefined that the name fits no cut.
 */
function splitName(name: Buffer): number | undefined {
  if (name.length <= FIELD.name[1]) return name.length;
  if (name.length > FIELD.name[1] + 1 + FIELD.prefix[1]) return undefined;
  // The slash that ends a directory's name must stay in the second part, which would be empty otherwise.
  const at = name.lastIndexOf(SLASH, Math.min(FIELD.prefix[1], name.length - 2));
  return at > 0 && name.length - at - 1 <= FIELD.name[1] ? at : undefined;
}

function paxRecords(entry: ArchivedEntry, longName: Buffer | undefined, link: Buffer | undefined): Buffer[] {
  const records: Buffer[] = [];
  if (longName) records.push(paxRecord('path', longName));
  if (link && link.length > FIELD.linkname[1]) records.push(paxRecord('linkpath', link));
  if (entry.type === 'file' && entry.size > MAX_OCTAL_11) records.push(paxRecord('size', number(entry.size)));
  if (entry.uid > MAX_OCTAL_7) records.push(paxRecord('uid', number(entry.uid)));
  if (entry.gid > MAX_OCTAL_7) records.push(paxRecord('gid', number(entry.gid)));
  if (!fitsTime(entry.mtime)) records.push(paxRecord('mtime', number(entry.mtime)));
  if (entry.xattrs) {
    for (const name of Object.keys(entry.xattrs).sort()) {
      if (name === '' || /[=\0\n]/.test(name)) {
        throw new EngineError(
          'LAYER_BAD_XATTR',
          `${entry.name} has an extended attribute whose name a layer cannot hold.`,
        );
      }
      records.push(paxRecord(`SCHILY.xattr.${name}`, Buffer.from(entry.xattrs[name]!, 'latin1')));
    }
  }
  return records;
}

/** `length key=value\n`, where length counts its own digits. */
function paxRecord(key: string, value: Buffer): Buffer {
  const keyBytes = encodeName(key);
  const rest = keyBytes.length + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length++;
  return Buffer.concat([Buffer.from(`${length} `), keyBytes, Buffer.from('='), value, Buffer.from('\n')]);
}

function number(value: number): Buffer {
  return Buffer.from(String(value));
}

function fitsTime(mtime: number): boolean {
  return mtime >= 0 && mtime <= MAX_OCTAL_11;
}

interface Block {
  readonly name: Buffer;
  readonly split: number;
  readonly flag: string;
  readonly mode: number;
  readonly size: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly link?: Buffer | undefined;
  readonly device?: readonly [number, number] | undefined;
}

/** One ustar block. What does not fit is zero or cut short: the extended header before it says it in full. */
function putBlock(target: Buffer, at: number, block: Block): void {
  const { name, split, uid = 0, gid = 0, mtime = 0, link, device } = block;
  target.fill(0, at, at + BLOCK);
  if (split === name.length || split < 0) {
    target.set(split < 0 ? name.subarray(0, FIELD.name[1]) : name, at);
  } else {
    target.set(name.subarray(split + 1), at);
    target.set(name.subarray(0, split), at + FIELD.prefix[0]);
  }
  putOctal(target, at, FIELD.mode, block.mode);
  putOctal(target, at, FIELD.uid, uid > MAX_OCTAL_7 ? 0 : uid);
  putOctal(target, at, FIELD.gid, gid > MAX_OCTAL_7 ? 0 : gid);
  putOctal(target, at, FIELD.size, block.size > MAX_OCTAL_11 ? 0 : block.size);
  putOctal(target, at, FIELD.mtime, fitsTime(mtime) ? mtime : 0);
  target[at + FIELD.type[0]] = block.flag.charCodeAt(0);
  if (link) target.set(link.subarray(0, FIELD.linkname[1]), at + FIELD.linkname[0]);
  target.set(USTAR_MAGIC, at + FIELD.magic[0]);
  putOctal(target, at, FIELD.major, device?.[0] ?? 0);
  putOctal(target, at, FIELD.minor, device?.[1] ?? 0);
  putChecksum(target, at);
}

function putOctal(
  target: Buffer,
  at: number,
  [offset, length]: readonly [number, number],
  value: number,
): void {
  let rest = value;
  for (let i = at + offset + length - 2; i >= at + offset; i--) {
    const next = Math.floor(rest / 8);
    target[i] = 0x30 + (rest - next * 8);
    rest = next;
  }
}

/** Six digits, NUL, space: the sum of the block's bytes with this field as spaces. */
function putChecksum(target: Buffer, at: number): void {
  const [offset, length] = FIELD.checksum;
  let sum = 0x20 * length;
  for (let i = at; i < at + BLOCK; i++) sum += target[i]!;
  for (let i = at + offset + 5; i >= at + offset; i--, sum >>= 3) target[i] = 0x30 + (sum & 7);
  target[at + offset + 7] = 0x20;
}
