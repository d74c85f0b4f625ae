import { statfs } from 'node:fs/promises';

/** Bytes of the file system that holds the folder: all it has, and those that are left for this user. */
export async function spaceOf(folder: string): Promise<{ readonly total: number; readonly free: number }> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return { total: blocks * bsize, free: bavail * bsize };
}
