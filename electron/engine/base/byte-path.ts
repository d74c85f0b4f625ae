/**
 * File names as text without losing a byte. A name is UTF-8 where it can be; each byte that is not part of valid UTF-8
 * becomes one lone surrogate U+DC80..U+DCFF (Python's "surrogateescape"), so that names stay ordinary strings, sortable
 * and usable as map keys, and come back byte for byte.
 */

const REPLACEMENT = '\ufffd';

/** Bytes of a name → text. Never fails. */
export function decodeName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!text.includes(REPLACEMENT)) return text;
  return decodeSlowly(bytes);
}

/** Text of a name → bytes; the inverse of {@link decodeName}. */
export function encodeName(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name, 'utf8');
  const parts: Buffer[] = [];
  let start = 0;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(name.charCodeAt(i + 1))) i++;
    else if (unit >= 0xdc80 && unit <= 0xdcff) {
      parts.push(Buffer.from(name.slice(start, i), 'utf8'), Buffer.from([unit - 0xdc00]));
      start = i + 1;
    }
  }
  parts.push(Buffer.from(name.slice(start), 'utf8'));
  return Buffer.concat(parts);
}

/** A path as Node's fs wants it: the string itself, or bytes where the string cannot say it. */
export function fsPath(path: string): string | Buffer {
  return path.isWellFormed() ? path : encodeName(path);
}

/** The name with bytes that are no text shown as \xNN, for messages. */
export function displayName(name: string): string {
  return name.isWellFormed()
    ? name
    : name.replace(/[\udc80-\udcff]/gu, (unit) => `\\x${(unit.charCodeAt(0) - 0xdc00).toString(16)}`);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function decodeSlowly(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  let valid = 0;
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes[i]!);
    if (isSequence(bytes, i, length)) {
      i += length;
    } else {
      text += buffer.toString('utf8', valid, i) + String.fromCharCode(0xdc00 + bytes[i]!);
      valid = ++i;
    }
  }
  return text + buffer.toString('utf8', valid);
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

/** Whether a sequence of `length` bytes at `start` is well-formed: complete, not overlong, no surrogate, at most U+10FFFF. */
function isSequence(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < 2) return length === 1;
  const first = bytes[start]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[start + 1] ?? 0;
  if (second < low || second > high) return false;
  for (let i = 2; i < length; i++) {
    if (((bytes[start + i] ?? 0) & 0xc0) !== 0x80) return false;
  }
  return true;
}
