/** Where things lie in a tar header block (POSIX.1-1988 ustar), and the sizes both the writer and the reader hold to. */

export const BLOCK = 512;

/** Two blocks of zeros end an archive. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

/** Offset and length of each field of a header. */
export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [offset: number, length: number]>;

/** Largest numbers that fit their fields as octal digits and a terminator. */
export const MAX_OCTAL_7 = 0o7777777;
export const MAX_OCTAL_11 = 0o77777777777;

/** Longest extended header, or GNU long name, that is read or written. Linux allows 64 KiB for a file's attributes. */
export const MAX_EXTENDED_HEADER = 1024 * 1024;

/** Bytes that follow content so that the next header starts on a block. */
export function paddingOf(size: number): number {
  const rest = size % BLOCK;
  return rest === 0 ? 0 : BLOCK - rest;
}
