import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineError } from '../../electron/engine/base/errors.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { canMount, fill, withSmallDisk } from './small-disk.ts';
import { expectSound } from './store-checks.ts';
import { full, putImage } from './store-samples.ts';

test.runIf(canMount).each(Array.from({ length: 20 }, (_, i) => i * 12))(
  'a disk with %i KiB left: the store opens, refuses plainly what does not fit, and images can be removed',
  (kib) =>
    withSmallDisk(4, async (disk) => {
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

      // Most of the room that the store's reserve gave up is taken as well.
      fill(disk, 128 * 1024);
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
