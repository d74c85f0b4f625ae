import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineError } from '../../electron/engine/base/errors.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { expectSound } from './store-checks.ts';
import { full, putImage, withDirectory } from './store-samples.ts';

/** A file system of its own for the work; undefined where this user cannot mount one. */
async function withSmallDisk<T>(work: (disk: string) => Promise<T>): Promise<T | undefined> {
  return withDirectory(async (directory) => {
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
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

/** Takes all space but this much. */
function fill(disk: string, leave: number): void {
  const path = join(disk, 'filling');
  let size = 0;
  try {
    for (;;) {
      appendFileSync(path, Buffer.alloc(4096));
      size += 4096;
    }
  } catch {
    truncateSync(path, Math.max(0, size - leave));
  }
}

const canMount = (await withSmallDisk(async () => true)) === true;

test.runIf(canMount).each(Array.from({ length: 20 }, (_, i) => i * 12))(
  'a disk with %i KiB left: the store opens, refuses plainly what does not fit, and images can be removed',
  (kib) =>
    withSmallDisk(async (disk) => {
      const root = join(disk, 'store');
      const first = await openStore({ root });
      const app = await putImage(first, 'app', ['a', 'b']);
      const other = await putImage(first, 'other', ['b', 'c']);
      await first.references.set([full('app:1')], app.descriptor);
      await first.references.set([full('other:1')], other.descriptor);
      first.close();
      fill(disk, kib * 1024);

      const store = await openStore({ root });
      expect(store.references.list().length).toBe(2);
      for (let i = 0; i < 200; i++) {
        const failure: unknown = await putImage(store, `more-${i}`, [`more-${i}`]).catch(
          (error: unknown) => error,
        );
        if (failure instanceof Error) {
          expect(failure).toBeInstanceOf(EngineError);
          expect((failure as EngineError).code).toBe('STORE_FULL');
          break;
        }
      }
      store.close();

      // Whatever room closing made is taken as well.
      fill(disk, 0);
      const again = await openStore({ root });
      expectSound(again);
      expect((await again.images.remove(app.descriptor.digest)).freed).toBeGreaterThan(0);
      expect(again.references.list().map(({ reference }) => reference)).toEqual([full('other:1')]);
      again.close();
      const last = await openStore({ root });
      expectSound(last);
      last.close();
    }),
);
