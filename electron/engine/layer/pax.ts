import { decodeName } from '../base/byte-path.ts';
import { damaged } from './tar-fields.ts';

/** What extended headers may say about an entry (POSIX.1-2001 pax; SCHILY.xattr as GNU tar, star and Go write it). */
export interface PaxFields {
  path?: string;
  linkpath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  xattrs?: Map<string, string>;
  /** The entry's content is a sparse map and not its bytes. */
  sparse?: boolean;
  /** Overlayfs marked the directory as opaque; means something only in what our own overlay wrote. */
  opaque?: boolean;
}

const XATTR = 'SCHILY.xattr.';
const NUMBER = /^-?\d{1,20}(\.\d*)?$/;
const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/**
 * Reads the records of one extended header on top of the archive's global ones; an empty value takes back what those say.
 * Attributes of overlayfs are left out: in a layer they would let it read other files of the stack. Unknown keywords are
 * ignored. `at` is where the header lies, for LAYER_CORRUPT.
 */
export function readPaxRecords(bytes: Buffer, globals: PaxFields, at: number): PaxFields {
  const result: PaxFields = { ...globals };
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(SPACE, start);
    const length = space < 0 ? Number.NaN : decimal(bytes, start, space);
    const end = start + length;
    if (!(length > space - start + 1) || end > bytes.length || bytes[end - 1] !== NEWLINE) {
      throw damaged('an extended header has a record of the wrong length', at);
    }
    const equals = bytes.indexOf(EQUALS, space);
    if (equals < 0 || equals >= end) throw damaged('an extended header has a record without a value', at);
    setField(result, decodeName(bytes.subarray(space + 1, equals)), bytes.subarray(equals + 1, end - 1), at);
    start = end;
  }
  return result;
}

function setField(fields: PaxFields, key: string, value: Buffer, at: number): void {
  if (key.startsWith(XATTR)) {
    const name = key.slice(XATTR.length);
    if (name === '') throw damaged('an extended attribute has no name', at);
    if (isOverlayAttribute(name)) {
      if (name.endsWith('.overlay.opaque') && value.toString('latin1') === 'y') fields.opaque = true;
      return;
    }
    fields.xattrs ??= new Map();
    fields.xattrs.set(name, value.toString('latin1'));
  } else if (key === 'path' || key === 'linkpath') {
    if (value.includes(0)) throw damaged('a name holds a NUL byte', at);
    if (value.length === 0) delete fields[key];
    else fields[key] = decodeName(value);
  } else if (key === 'size' || key === 'uid' || key === 'gid' || key === 'mtime') {
    if (value.length === 0) {
      delete fields[key];
      return;
    }
    const text = value.toString('latin1');
    const number = Math.floor(Number(text));
    if (!NUMBER.test(text) || !Number.isSafeInteger(number))
      throw damaged(`an extended header has a bad ${key}`, at);
    fields[key] = number;
  } else if (key.startsWith('GNU.sparse.')) {
    fields.sparse = true;
  }
}

/** Attributes by which overlayfs keeps its own state in a directory; coming from outside they are an attack. */
export function isOverlayAttribute(name: string): boolean {
  return name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.');
}

function decimal(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > 10) return Number.NaN;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
