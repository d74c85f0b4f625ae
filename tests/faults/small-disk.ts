import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectory } from './store-samples.ts';

/** A file system of its own for the work; undefined where this user cannot mount one. */
export async function withSmallDisk<T>(
  mebibytes: number,
  work: (disk: string) => Promise<T>,
): Promise<T | undefined> {
  return withDirectory(async (directory) => {
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return undefined;
    }
    try {
      return await work(disk);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
}

/** Takes all space but this much, whatever an earlier call took. */
export function fill(disk: string, leave: number): void {
  const path = join(disk, 'filling');
  free(disk);
  let size = 0;
  for (const piece of [1024 * 1024, 4096]) {
    try {
      for (;;) {
        appendFileSync(path, Buffer.alloc(piece));
        size += piece;
      }
    } catch {
      truncateSync(path, size);
    }
  }
  truncateSync(path, Math.max(0, size - leave));
}

/** Removes what {@link fill} wrote. */
export function free(disk: string): void {
  rmSync(join(disk, 'filling'), { force: true });
}

export const canMount = (await withSmallDisk(1, async () => true)) === true;
if (!canMount) console.warn('Tests with a full disk are skipped: this user cannot mount a tmpfs.');
