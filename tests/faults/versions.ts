/** Bytes of a whole file: of a large one, and of one that fits a page of memory. */
export const SIZE = 120_000;
export const PAGE = 4_096;

/** A file's content in one version: the same word of eight bytes all through. */
export function versionOf(version: number, size: number): Buffer {
  return Buffer.alloc(size, `${String(version).padStart(7, '0')};`);
}

/** Whether these are bytes of one version only, whole or cut off. */
export function isOneVersion(bytes: Buffer): boolean {
  return bytes.length === 0 || bytes.equals(Buffer.alloc(bytes.length, bytes.subarray(0, 8)));
}
