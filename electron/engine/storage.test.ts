import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { putImage, putLayer, withDirectory } from '../../tests/faults/store-samples.ts';
import { digestOf } from './base/digest.ts';
import { settingsPath } from './base/settings-file.ts';
import { createStorage, type Storage } from './storage.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

const DAY = 86_400_000;
const never = new AbortController().signal;

interface Bench {
  readonly store: Store;
  readonly storage: Storage;
  day: number;
  set(settings: unknown): void;
}

function withStorage(work: (bench: Bench) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (directory) => {
      const time = { day: 1 };
      const environment = { XDG_CONFIG_HOME: join(directory, 'config') };
      const store = await openStore({ root: join(directory, 'store'), clock: () => time.day * DAY });
      const storage = createStorage(store, () => new Date(time.day * DAY), environment);
      const set = (settings: unknown): void => {
        mkdirSync(dirname(settingsPath(environment)), { recursive: true });
        writeFileSync(settingsPath(environment), JSON.stringify(settings));
      };
      try {
        await work(Object.assign(time, { store, storage, set }));
      } finally {
        store.close();
      }
    });
}

test(
  'the policy is that of the settings, and sensible without any',
  withStorage(async ({ storage, set }) => {
    const { maxSize, ...rest } = await storage.policy();
    expect(rest).toEqual({ keepDays: 30, keepBuilds: 20 });
    expect(maxSize).toBeGreaterThan(0);
    set({ storage: { maxSize: '1.5GB', keepDays: 7, keepBuilds: 3 } });
    expect(await storage.policy()).toEqual({ maxSize: 1_500_000_000, keepDays: 7, keepBuilds: 3 });
    set({ storage: { maxSize: 5 } });
    expect(await storage.policy()).toMatchObject({ maxSize: 5 });
  }),
);

test.each([
  [{ storage: { maxSize: 'big' } }, /"storage.maxSize" must be a size such as "20GB"\.$/],
  [{ storage: { keepDays: -1 } }, /"storage.keepDays" must be /],
  [{ storage: { keep: 1 } }, /"storage.keep" is not known\.$/],
])('%j is refused', (settings, message) =>
  withStorage(async ({ storage, set }) => {
    set(settings);
    await expect(storage.policy()).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      message: expect.stringMatching(message) as string,
      hint: expect.stringContaining('"keepDays": 30') as string,
    });
    expect(await storage.tidy(0, never)).toBeUndefined();
  })(),
);

test(
  'it tidies by itself no more often than it may, not at once in a new store, and keeps images without a name',
  withStorage(async (bench) => {
    const { store, storage } = bench;
    const { diffId } = await putLayer(store, 'old');
    store.cache.put({ key: digestOf('k'), step: 's', parts: [], layer: diffId, createdAt: 'x' });
    await putImage(store, 'nameless', ['base']);
    bench.day = 40;
    expect(await storage.tidy(DAY, never)).toBeUndefined();
    bench.day = 40.5;
    expect(await storage.tidy(DAY, never)).toBeUndefined();
    bench.day = 41;
    expect((await storage.tidy(DAY, never))?.kinds).toMatchObject([{ kind: 'cache', count: 1 }]);
    expect(store.layers.get(diffId)).toBeUndefined();
    expect(store.images.list()).toHaveLength(1);
    expect(await storage.tidy(DAY, never)).toBeUndefined();
    bench.day = 50;
    expect(await storage.tidy(DAY, AbortSignal.abort())).toBeUndefined();
  }),
);
