import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuildSummary } from '../../../../shared/build-events.ts';
import type { StorageKind, StorageUsage } from '../../../../shared/storage.ts';
import { full, putImage, putLayer, withDirectory } from '../../../../tests/faults/store-samples.ts';
import { digestOf, hexOf, type Digest } from '../../base/digest.ts';
import { openStore } from '../open-store.ts';
import type { PruneRules, Store } from '../store.ts';
import { EVERYTHING } from './usage.ts';

const DAY = 86_400_000;
const never = new AbortController().signal;

interface Bench {
  readonly store: Store;
  readonly root: string;
  /** What the store takes for now; days since 1970. */
  day: number;
  /** Makes a layer with a cache record, and an unpacked form. */
  cached(name: string, options?: { readonly bytes?: number; readonly inputs?: string }): Promise<Digest>;
  build(id: string, options?: Partial<BuildSummary>): Promise<void>;
  snapshot(layer: Digest, text?: string): string;
  mount(name: string): Promise<void>;
}

function withStore(work: (bench: Bench) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const bench = { day: 1 };
      const store = await openStore({ root, clock: () => bench.day * DAY });
      try {
        await work(Object.assign(bench, { store, root }, helpers(store, bench)));
      } finally {
        store.close();
      }
    });
}

function helpers(store: Store, bench: { day: number }): Omit<Bench, 'store' | 'root' | 'day'> {
  return {
    async cached(name, { bytes = 2000, inputs } = {}) {
      using lease = store.lease('test');
      const { diffId } = await putLayer(store, name, bytes);
      lease.add(diffId);
      const digest = inputs === undefined ? undefined : digestOf(inputs);
      if (digest) await store.cache.putInputs(digest, inputs!);
      store.cache.put({
        key: digestOf(name),
        step: name,
        parts: [
          { kind: 'operation', name: `COPY ${name} /`, value: name },
          ...(digest ? [{ kind: 'files' as const, name: 'files', value: digest }] : []),
        ],
        layer: diffId,
        createdAt: '2026-01-01T00:00:00Z',
      });
      return diffId;
    },
    async build(id, options = {}) {
      const summary: BuildSummary = {
        ...{ id, folder: '/p', dockerfile: 'Dockerfile', tags: [], trigger: { kind: 'manual' } },
        ...{ outcome: 'running', startedAt: bench.day * DAY, steps: 0, cached: 0 },
        ...options,
      };
      const log = store.builds.create({ ...summary, outcome: 'running' });
      log.append([{ type: 'step.started', step: id, seq: 0, time: 0 }]);
      await log.close();
      if (options.outcome !== 'running') store.builds.update({ ...summary, outcome: 'succeeded' });
    },
    snapshot(layer, text = 'unpacked') {
      const name = `${hexOf(layer)}.0123`;
      const folder = join(store.root, 'snapshots', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'file'), text);
      store.snapshots.touch([name]);
      return folder;
    },
    async mount(name) {
      const make = async (path: string): Promise<void> => {
        mkdirSync(path);
        writeFileSync(join(path, 'file'), name);
      };
      const taken = await store.cacheMounts.take(
        name,
        { id: `/${name}`, sharing: 'shared', renew: false, make },
        never,
      );
      taken.release();
    },
  };
}

const bytesOf = (usage: StorageUsage, kind: StorageKind): number =>
  usage.kinds.find((use) => use.kind === kind)!.bytes;
/** The database grows and shrinks as it likes. */
const withoutOther = (usage: StorageUsage): number => usage.total - bytesOf(usage, 'other');

/** Prunes, and checks that the dry run told it and that the usage agrees. */
async function pruneTold(store: Store, rules: PruneRules): Promise<number> {
  const before = await store.space.usage();
  const told = await store.space.prune(rules, { dryRun: true });
  expect(withoutOther(await store.space.usage())).toBe(withoutOther(before));
  const { freed, kinds, dryRun } = await store.space.prune(rules);
  expect({ freed, kinds, dryRun }).toEqual({ ...told, dryRun: false });
  const after = await store.space.usage();
  expect(withoutOther(before) - freed).toBe(withoutOther(after));
  expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  return freed;
}

/** A bit of everything: an image with a name and one without, which share a layer, and things of all other kinds. */
async function fill({ store, root, cached, build, snapshot, mount }: Bench): Promise<void> {
  const image = await putImage(store, 'named', ['base', 'top']);
  await store.references.set([full('app:1')], image.descriptor);
  await putImage(store, 'nameless', ['base', 'other']);
  snapshot(await cached('base'));
  snapshot(await cached('a', { inputs: 'list of a' }));
  await cached('b', { bytes: 5000 });
  await mount('m');
  for (const id of ['b1', 'b2', 'b3']) await build(id);
  writeFileSync(join(root, 'stat-cache', 'x'), 'stat cache');
  utimesSync(join(root, 'stat-cache', 'x'), 86_400, 86_400);
}

describe('usage', () => {
  test(
    'every byte once, images told apart into unique and shared',
    withStore(async (bench) => {
      await fill(bench);
      const usage = await bench.store.space.usage();
      expect(Object.fromEntries(usage.kinds.map(({ kind, count }) => [kind, count]))).toEqual({
        ...{
          images: 2,
          cache: 2,
          snapshots: 2,
          cacheMounts: 1,
          builds: 3,
          failedSteps: 0,
          fileLists: 1,
          other: 1,
        },
      });
      expect(bytesOf(usage, 'snapshots')).toBe(16);
      expect(bytesOf(usage, 'fileLists')).toBe('list of a'.length + 'stat cache'.length);
      expect(usage.images.unique + usage.images.shared).toBe(bytesOf(usage, 'images'));
      expect(usage.images.shared).toBeGreaterThan(2000);
      expect(usage.images.shared).toBeLessThan(4000);
      expect(bytesOf(usage, 'cache')).toBeGreaterThan(7000);
      expect(usage.items[0]).toMatchObject({ kind: 'other' });
      expect(usage.items.find(({ name }) => name === 'COPY b /')).toMatchObject({
        ...{ kind: 'cache', usedAt: DAY, inUse: false },
      });
    }),
  );
});

describe('prune', () => {
  const rules: readonly (readonly [string, PruneRules])[] = [
    ['nothing', {}],
    ['old', { unusedSince: 2 * DAY }],
    ['by size', { maxSize: 1_060_000 }],
    ['to nothing by size', { maxSize: 0 }],
    ['builds', { keepBuilds: 1 }],
    ['untagged images', { untagged: true }],
    ['all', EVERYTHING],
    ['all before', { ...EVERYTHING, before: DAY }],
  ];
  test.each(rules)('%s: the dry run, the prune and the usage agree', (_, each) =>
    withStore(async (bench) => {
      await fill(bench);
      bench.day = 3;
      await bench.cached('late');
      await pruneTold(bench.store, each);
      expect(bench.store.references.get(full('app:1'))).toBeDefined();
    })(),
  );

  test(
    'what was used since stays, and what goes is remembered',
    withStore(async ({ store, cached }) => {
      const [old, used] = [await cached('old'), await cached('used')];
      const later = await openStore({ root: store.root, clock: () => 40 * DAY });
      later.cache.touch([digestOf('used')]);
      expect(await pruneTold(later, { unusedSince: 10 * DAY })).toBeGreaterThan(2000);
      expect(later.cache.get(digestOf('old'))).toBeUndefined();
      expect(later.layers.get(old)).toBeUndefined();
      expect(later.layers.get(used)).toBeDefined();
      expect(later.cache.removedAt(digestOf('old'))).toBe(40 * DAY);
      expect(later.cache.removedAt(digestOf('used'))).toBeUndefined();
      await cached('old');
      expect(later.cache.removedAt(digestOf('old'))).toBeUndefined();
      later.close();
    }),
  );

  test(
    'by size, unused longest first, until it fits',
    withStore(async (bench) => {
      const { store, cached } = bench;
      for (const name of ['one', 'two', 'three', 'four']) {
        await cached(name, { bytes: 100_000 });
        bench.day++;
      }
      store.cache.touch([digestOf('one')]);
      const { total } = await store.space.usage();
      await pruneTold(store, { maxSize: total - 150_000 });
      const left = ['one', 'two', 'three', 'four'].filter((name) => store.cache.get(digestOf(name)));
      expect(left).toEqual(['one', 'four']);
    }),
  );

  test(
    'the last builds of each project stay, and those that run',
    withStore(async (bench) => {
      const { store, build } = bench;
      await build('running', { outcome: 'running' });
      for (const id of ['p1', 'p2', 'p3']) {
        bench.day++;
        await build(id);
        await build(`${id}-q`, { folder: '/q' });
      }
      await pruneTold(store, { keepBuilds: 2 });
      expect(
        store.builds
          .list()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(['p2', 'p2-q', 'p3', 'p3-q', 'running']);
      expect(readdirSync(join(store.root, 'builds'))).toHaveLength(5);
    }),
  );

  test(
    'everything: only what has a name, a lease or a holder stays',
    withStore(async (bench) => {
      const { store, root, cached, snapshot, mount } = bench;
      await fill(bench);
      const held = await cached('held');
      const heldFolder = snapshot(held);
      const lease = store.lease('a build');
      lease.add(held);
      await mount('free');
      const make = async (): Promise<void> => undefined;
      const taken = await store.cacheMounts.take(
        'm',
        { id: '/m', sharing: 'shared', renew: false, make },
        never,
      );
      await pruneTold(store, EVERYTHING);
      expect(store.images.list()).toHaveLength(1);
      expect(store.layers.get(held)).toBeDefined();
      expect(store.cache.get(digestOf('held'))).toBeDefined();
      expect(existsSync(heldFolder)).toBe(true);
      expect(readdirSync(join(root, 'snapshots'))).toHaveLength(1);
      expect(store.cacheMounts.list().map(({ name }) => name)).toEqual(['m']);
      expect(readdirSync(taken.path)).toEqual(['file']);

      lease.release();
      taken.release();
      await store.references.remove([full('app:1')]);
      await pruneTold(store, EVERYTHING);
      const usage = await store.space.usage();
      expect(usage.kinds.filter(({ kind, bytes, count }) => kind !== 'other' && bytes + count > 0)).toEqual(
        [],
      );
      for (const folder of ['blobs/sha256', 'toc', 'inputs', 'builds', 'snapshots', 'stat-cache', 'ingest'])
        expect(readdirSync(join(root, folder)), folder).toEqual([]);
      // One that comes back is made anew.
      await mount('m');
      expect(store.cacheMounts.list().map(({ name }) => name)).toEqual(['m']);
    }),
  );

  test(
    'failed steps go with their build, unless a shell is open in one',
    withStore(async (bench) => {
      const { store, root, cached, build } = bench;
      const layer = await cached('below');
      for (const id of ['used', 'unused']) {
        await build(id);
        const directory = store.blobs.ingestPath();
        mkdirSync(directory);
        writeFileSync(join(directory, 'left'), id);
        await store.kept.put(
          { buildId: id, step: '0/1', project: id, keptAt: DAY, layers: [layer], alsoReads: [], details: '' },
          directory,
        );
      }
      const use = store.kept.use('used', '0/1')!;
      await pruneTold(store, EVERYTHING);
      expect(store.kept.list().map(({ buildId }) => buildId)).toEqual(['used']);
      expect(store.builds.list().map(({ id }) => id)).toEqual(['used']);
      expect(store.layers.get(layer)).toBeDefined();
      use.release();
      await pruneTold(store, EVERYTHING);
      expect(readdirSync(join(root, 'kept'))).toEqual([]);
      expect(store.layers.get(layer)).toBeUndefined();
    }),
  );

  test(
    'lists of files stay while a record names them, or a build runs',
    withStore(async (bench) => {
      const { store, cached, build } = bench;
      await cached('a', { inputs: 'named' });
      await store.cache.putInputs(digestOf('unnamed'), 'unnamed');
      await build('running', { outcome: 'running' });
      await pruneTold(store, {});
      expect(await store.cache.getInputs(digestOf('unnamed'))).toBe('unnamed');
      store.builds.update({ ...store.builds.get('running')!, outcome: 'failed' });
      await pruneTold(store, {});
      expect(await store.cache.getInputs(digestOf('unnamed'))).toBeUndefined();
      expect(await store.cache.getInputs(digestOf('named'))).toBe('named');
    }),
  );

  test(
    'what is kept of contexts goes once their folder is gone',
    withStore(async ({ store, root, build }) => {
      const name = (folder: string): string => createHash('sha256').update(folder).digest('hex').slice(0, 32);
      await build('here', { folder: root });
      await build('gone', { folder: `${root}/gone` });
      for (const folder of [root, `${root}/gone`]) writeFileSync(join(root, 'stat-cache', name(folder)), 'x');
      await pruneTold(store, {});
      expect(readdirSync(join(root, 'stat-cache'))).toEqual([name(root)]);
    }),
  );

  test(
    'an image without a name that builds remember stays until it is old',
    withStore(async (bench) => {
      const { store } = bench;
      const { descriptor } = await putImage(store, 'remembered', ['base']);
      const record = { key: digestOf('k'), step: 's', parts: [], result: descriptor.digest };
      store.cache.put({ ...record, createdAt: '2026-01-01T00:00:00Z' });
      await pruneTold(store, { untagged: true });
      expect(store.images.list()).toHaveLength(1);
      await pruneTold(store, { untagged: true, unusedSince: Infinity });
      expect(store.images.list()).toEqual([]);
    }),
  );

  test(
    'stops between two removals when it is told to',
    withStore(async ({ store, cached }) => {
      await cached('a');
      await expect(store.space.prune(EVERYTHING, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
      expect(store.cache.get(digestOf('a'))).toBeDefined();
    }),
  );
});
