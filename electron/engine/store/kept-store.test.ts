import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putImage, sampleLayer, withDirectory } from '../../../tests/faults/store-samples.ts';
import type { Digest } from '../base/digest.ts';
import { openStore } from './open-store.ts';
import { APPLICATION_ID, migrationsAfter } from './schema.ts';
import type { KeptFileSystem, Store } from './store.ts';

function withStore(work: (store: Store, root: string) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const store = await openStore({ root });
      try {
        await work(store, root);
      } finally {
        store.close();
      }
    });
}

/** Keeps a folder with one file for a step of a build that is made for it. */
async function keep(store: Store, buildId: string, more: Partial<KeptFileSystem> = {}): Promise<void> {
  if (!store.builds.get(buildId)) {
    const project = {
      folder: '/p',
      dockerfile: 'Dockerfile',
      tags: [],
      trigger: { kind: 'manual' as const },
    };
    const counts = { startedAt: 1, steps: 1, cached: 0 };
    await store.builds.create({ id: buildId, outcome: 'failed', ...project, ...counts }).close();
  }
  const directory = store.blobs.ingestPath();
  mkdirSync(directory);
  writeFileSync(join(directory, 'file'), buildId);
  await store.kept.put(
    { buildId, step: '0/1', project: buildId, keptAt: 5, layers: [], alsoReads: [], details: '{}', ...more },
    directory,
  );
  expect(existsSync(directory)).toBe(false);
}

function ids(store: Store): readonly string[] {
  return store.kept.list().map(({ buildId, step }) => `${buildId} ${step}`);
}

test(
  'steps are listed in the order in which they failed, of one build or of all',
  withStore(async (store) => {
    const layers: readonly Digest[] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
    await keep(store, 'b', { step: 'x/2', layers, details: '{"a":1}' });
    await keep(store, 'a');
    await keep(store, 'b', { step: '../x' });
    expect(ids(store)).toEqual(['b x/2', 'a 0/1', 'b ../x']);
    const [first, ...more] = store.kept.list('b');
    expect(more.length).toBe(1);
    expect(first).toMatchObject({ project: 'b', keptAt: 5, layers, details: '{"a":1}' });
    expect(readdirSync(first!.path)).toEqual(['file']);
    expect(join(more[0]!.path, '..')).toBe(join(store.root, 'kept'));
  }),
);

test(
  'the oldest of more than ten go, but not one in use',
  withStore(async (store) => {
    await keep(store, 'used');
    const use = store.kept.use('used', '0/1');
    for (let i = 0; i < 12; i++) await keep(store, `b${i}`);
    expect(ids(store)).toEqual(['used 0/1', ...Array.from({ length: 10 }, (_, i) => `b${i + 2} 0/1`)]);
    expect(readdirSync(join(store.root, 'kept')).length).toBe(11);
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
    use!.release();
    await keep(store, 'last');
    expect(ids(store)).not.toContain('used 0/1');
  }),
);

test(
  'one user at a time, whichever process has the store open; what is used stays',
  withStore(async (store, root) => {
    await keep(store, 'a');
    const other = await openStore({ root });
    const use = store.kept.use('a', '0/1');
    expect(use).toBeDefined();
    expect(store.kept.use('a', '0/1')).toBeUndefined();
    expect(other.kept.use('a', '0/1')).toBeUndefined();
    expect(other.kept.use('a', '0/2')).toBeUndefined();
    await other.kept.removeProject('a');
    await other.builds.remove(['a']);
    other.close();
    expect(ids(store)).toEqual(['a 0/1']);
    use!.release();
    (await openStore({ root })).close();
    // Its build is gone, and it goes when the store is opened.
    expect(ids(store)).toEqual([]);
    expect(readdirSync(join(root, 'kept'))).toEqual([]);
  }),
);

test(
  'a project takes what it left with it, and a build too',
  withStore(async (store, root) => {
    await keep(store, 'a', { project: 'one' });
    await keep(store, 'b', { project: 'two' });
    await keep(store, 'c', { project: 'two' });
    await store.kept.removeProject('one');
    await store.builds.remove(['b']);
    expect(ids(store)).toEqual(['c 0/1']);
    expect(readdirSync(join(root, 'kept')).length).toBe(1);
    expect(readdirSync(join(root, 'ingest'))).toEqual([]);
  }),
);

test(
  'opening the store clears away folders nobody knows of, and rows whose folder is gone',
  withStore(async (store, root) => {
    await keep(store, 'a');
    await keep(store, 'b');
    const { path } = store.kept.list('a')[0]!;
    renameSync(path, join(root, 'kept/stray'));
    expect(ids(store)).toEqual(['b 0/1']);
    (await openStore({ root })).close();
    expect(readdirSync(join(root, 'kept')).length).toBe(1);
    expect(store.kept.use('a', '0/1')).toBeUndefined();
    expect(ids(store)).toEqual(['b 0/1']);
  }),
);

test(
  'layers stay as long as something is kept on them',
  withStore(async (store) => {
    const image = await putImage(store, 'app', ['a']);
    const { diffId } = sampleLayer('a').layer;
    await keep(store, 'a', { layers: [diffId] });
    await keep(store, 'b', { alsoReads: [diffId] });
    await store.images.remove(image.descriptor.digest);
    expect(store.layers.get(diffId)).toBeDefined();
    await store.kept.removeProject('a');
    const second = await putImage(store, 'second', ['x']);
    await store.images.remove(second.descriptor.digest);
    expect(store.layers.get(diffId)).toBeDefined();
    await store.kept.removeProject('b');
    const third = await putImage(store, 'third', ['x']);
    await store.images.remove(third.descriptor.digest);
    expect(store.layers.get(diffId)).toBeUndefined();
  }),
);

test('a store of the time before is brought up to date', () =>
  withDirectory(async (root) => {
    (await openStore({ root })).close();
    rmSync(join(root, 'slipway.db'));
    const db = new Database(join(root, 'slipway.db'));
    db.exec(migrationsAfter(0)[0]!);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma('user_version = 1');
    db.close();
    const store = await openStore({ root });
    await keep(store, 'a');
    expect(ids(store)).toEqual(['a 0/1']);
    store.close();
  }));
