import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withDirectory } from '../../../tests/faults/store-samples.ts';
import { openStore } from './open-store.ts';
import type { CacheMountStore, HeldCacheMount, TakeCacheMount } from './store.ts';

const never = new AbortController().signal;

/** Two stores on one folder, as two processes have them. */
function withStores(work: (one: Take, two: Take, root: string) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const one = await openStore({ root, clock: () => 0 });
      const two = await openStore({ root, clock: () => 5000 });
      try {
        await work(taker(one.cacheMounts), taker(two.cacheMounts), root);
      } finally {
        one.close();
        two.close();
      }
    });
}

interface Take {
  (sharing: TakeCacheMount['sharing'], more?: Partial<TakeCacheMount>): Promise<HeldCacheMount>;
  readonly store: CacheMountStore;
}

function taker(store: CacheMountStore): Take {
  const take = (
    sharing: TakeCacheMount['sharing'],
    more: Partial<TakeCacheMount> = {},
  ): Promise<HeldCacheMount> =>
    store.take(
      'c0',
      { id: '/c', sharing, renew: false, make: async (path) => void mkdirSync(path), ...more },
      never,
    );
  return Object.assign(take, { store });
}

/** Whether it is still waiting once everything else that could go on has gone on for a while. */
async function waits(taken: Promise<unknown>, until: Promise<unknown>): Promise<boolean> {
  return Promise.race([taken.then(() => false), until.then(() => true)]);
}

describe('who may have it', () => {
  test(
    'shared beside shared, one folder',
    withStores(async (one, two) => {
      const [a, b] = [await one('shared'), await two('shared')];
      expect(a.path).toBe(b.path);
      a.release();
      b.release();
    }),
  );

  test(
    'locked after whoever has it, between stores and within one',
    withStores(async (one, two) => {
      const first = await one('locked');
      const second = two('locked');
      const third = one('shared');
      // A private one takes its turn in the loop that the others wait in.
      const meanwhile = two('private');
      expect(await waits(second, meanwhile)).toBe(true);
      expect(await waits(third, two('private'))).toBe(true);
      first.release();
      const next = await Promise.race([second, third]);
      next.release();
      const [a, b] = await Promise.all([second, third]);
      expect(a.path).toBe(first.path);
      expect(b.path).toBe(first.path);
      a.release();
      b.release();
    }),
  );

  test(
    'private: another folder where it is taken, the same again where it is not',
    withStores(async (one, two) => {
      const first = await one('private');
      const second = await two('private');
      expect(second.path).not.toBe(first.path);
      first.release();
      const third = await two('private');
      expect(third.path).toBe(first.path);
      second.release();
      third.release();
      expect(one.store.list().map(({ name }) => name)).toEqual(['c0', 'c0-1']);
    }),
  );

  test(
    'cancelling ends the waiting',
    withStores(async (one, two) => {
      const held = await one('locked');
      const stop = new AbortController();
      const waiting = two.store.take(
        'c0',
        { id: '/c', sharing: 'locked', renew: false, make: async () => undefined },
        stop.signal,
      );
      stop.abort();
      await expect(waiting).rejects.toThrow(/abort/i);
      held.release();
    }),
  );
});

describe('what is in it', () => {
  test(
    'is made once, and again only where that failed, or is asked for',
    withStores(async (one, two) => {
      let made = 0;
      const make = async (path: string): Promise<void> => {
        mkdirSync(path, { recursive: true });
        made++;
      };
      const failing = one('shared', { make: () => Promise.reject(new Error('full')) });
      await expect(failing).rejects.toThrow('full');
      (await two('shared', { make })).release();
      (await one('locked', { make })).release();
      expect(made).toBe(1);
      (await one('shared', { make, renew: true })).release();
      expect(made).toBe(2);
    }),
  );

  test(
    'a folder whose making was cut short, or whose note is damaged, is made again',
    withStores(async (one, two, root) => {
      const folder = join(root, 'cache-mounts/c0');
      mkdirSync(join(folder, 'content/half'), { recursive: true });
      let had: readonly string[] = [];
      const make = async (path: string): Promise<void> => void (had = readdirSync(path));
      (await one('shared', { make })).release();
      expect(had).toEqual(['half']);
      had = [];
      writeFileSync(join(folder, 'mount.json'), '{"id"');
      (await two('shared', { make })).release();
      expect(had).toEqual(['half']);
    }),
  );

  test(
    'is listed with its id and its last use',
    withStores(async (one, two) => {
      expect(one.store.list()).toEqual([]);
      (await one('shared')).release();
      expect(two.store.list()).toEqual([{ name: 'c0', id: '/c', usedAt: '1970-01-01T00:00:00.000Z' }]);
      (await two('shared')).release();
      expect(one.store.list()[0]?.usedAt).toBe('1970-01-01T00:00:05.000Z');
    }),
  );
});
