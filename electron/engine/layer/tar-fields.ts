import { decodeName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { BLOCK, FIELD } from './tar-format.ts';

/** Reading of single fields of a tar header block, of every dialect in use: V7, ustar, GNU, star. */

type Field = readonly [offset: number, length: number];

/** A damaged archive; `at` is the byte of the (uncompressed) archive where it was seen. */
export function damaged(what: string, at: number): EngineError {
  return new EngineError('LAYER_CORRUPT', `The archive is damaged at byte ${at}: ${what}.`);
}

/** The bytes of a field up to its first NUL, as a name. */
export function fieldText(block: Buffer, [offset, length]: Field): string {
  let end = offset;
  while (end < offset + length && block[end] !== 0) end++;
  return decodeName(block.subarray(offset, end));
}

/** A number as octal digits with blanks or NULs around them, or as GNU's big-endian base-256 with the top bit set. */
export function fieldNumber(block: Buffer, [offset, length]: Field, at: number): number {
  const first = block[offset]!;
  const value = first & 0x80 ? base256(block, offset, length) : octal(block, offset, length);
  if (!Number.isSafeInteger(value)) throw damaged('a number in a header is malformed or out of range', at);
  return value;
}

/** Whether the block's checksum is right. Some old archivers summed signed bytes, so both sums count. */
export function hasValidChecksum(block: Buffer): boolean {
  const [offset, length] = FIELD.checksum;
  const stored = octal(block, offset, length);
  let unsigned = 0;
  let negative = 0;
  for (let i = 0; i < BLOCK; i++) {
    const byte = block[i]!;
    unsigned += byte;
    negative += byte >> 7;
  }
  for (let i = offset; i < offset + length; i++) {
    const byte = block[i]!;
    unsigned += 0x20 - byte;
    negative -= byte >> 7;
  }
  return stored === unsigned || stored === unsigned - 256 * negative;
}

/** Whether all bytes are zero, as in the blocks that end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  for (let i = 0; i < BLOCK; i++) if (block[i] !== 0) return false;
  return true;
}

/** NaN where it is no octal number; an empty field is 0. */
function octal(block: Buffer, offset: number, length: number): number {
  let start = offset;
  let end = offset + length;
  const blank = (i: number): boolean => block[i] === 0x20 || block[i] === 0;
  while (start < end && blank(start)) start++;
  while (end > start && blank(end - 1)) end--;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = block[i]! - 0x30;
    if (digit < 0 || digit > 7) return Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

/** Two's complement; the top bit of the first byte is the marker and the one below it the sign. */
function base256(block: Buffer, offset: number, length: number): number {
  const negative = (block[offset]! & 0x40) !== 0;
  let value = negative ? (block[offset]! | 0x80) - 0x100 : block[offset]! & 0x7f;
  for (let i = offset + 1; i < offset + length; i++) value = value * 256 + block[i]!;
  return value;
}
