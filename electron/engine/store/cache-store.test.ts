import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NOWHERE, putLayer, sampleLayer, withDirectory } from '../../../tests/faults/store-samples.ts';
import { digestOf, hexOf } from '../base/digest.ts';
import { openStore } from './open-store.ts';
import type { CacheRecord, Store } from './store.ts';

function withStore(work: (store: Store, root: string) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const store = await openStore({ root });
      try {
        await work(store, root);
        expect(readdirSync(join(root, 'ingest'))).toEqual([]);
      } finally {
        store.close();
      }
    });
}

function record(key: string, more: Partial<CacheRecord> = {}): CacheRecord {
  return {
    key: digestOf(key),
    step: 'project/0/1',
    parts: [{ kind: 'operation', name: 'COPY . /app', value: '{"op":"copy"}' }],
    createdAt: '2026-01-01T00:00:00Z',
    ...more,
  };
}

test(
  'a record comes back as it was put, also in another store of the directory',
  withStore(async (store, root) => {
    const layer = await putLayer(store, 'a');
    const plain = record('plain');
    const rich = record('rich', { layer: layer.diffId, result: '{"x":1}' });
    store.cache.put(plain);
    store.cache.put(rich);
    const other = await openStore({ root });
    expect(other.cache.get(plain.key)).toEqual(plain);
    expect(other.cache.get(rich.key)).toEqual(rich);
    expect(other.cache.get(NOWHERE)).toBeUndefined();
    other.close();
  }),
);

test(
  'a record is found only while its layer is whole',
  withStore(async (store) => {
    const layer = await putLayer(store, 'a');
    store.cache.put(record('k', { layer: layer.diffId }));
    unlinkSync(store.blobs.path(layer.diffId));
    expect(store.cache.get(digestOf('k'))).toBeUndefined();
    await putLayer(store, 'a');
    expect(store.cache.get(digestOf('k'))).toBeDefined();
    expect(() => store.cache.put(record('x', { layer: sampleLayer('never').layer.diffId }))).toThrow(
      'not in the store',
    );
  }),
);

test(
  'history is newest first, and a record put again is new',
  withStore(async (store) => {
    for (const key of ['1', '2', '3']) store.cache.put(record(key));
    store.cache.put(record('other', { step: 'project/0/2' }));
    store.cache.put(record('1', { result: 'again' }));
    expect(store.cache.history('project/0/1', 2)).toEqual([record('1', { result: 'again' }), record('3')]);
    expect(store.cache.history('nowhere', 5)).toEqual([]);
  }),
);

test(
  'inputs come back only as they were put',
  withStore(async (store, root) => {
    const lines = 'a 1\nb 2\n'.repeat(200_000);
    const digest = digestOf(lines);
    await store.cache.putInputs(digest, lines);
    await store.cache.putInputs(digest, lines);
    expect(await store.cache.getInputs(digest)).toBe(lines);
    expect(await store.cache.getInputs(NOWHERE)).toBeUndefined();
    await expect(store.cache.putInputs(NOWHERE, lines)).rejects.toThrow('These inputs are not');
    const path = join(root, 'inputs', hexOf(digest));
    writeFileSync(path, lines.replace('a 1', 'a 2'));
    expect(await store.cache.getInputs(digest)).toBeUndefined();
    await store.cache.putInputs(digest, lines);
    expect(await store.cache.getInputs(digest)).toBe(lines);
  }),
);

test('touch and what it gathered end with the store', () =>
  withDirectory(async (root) => {
    let now = 1000;
    const store = await openStore({ root, clock: () => now });
    store.cache.put(record('k'));
    now = 2000;
    store.cache.touch([digestOf('k'), NOWHERE]);
    store.close();
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(join(root, 'slipway.db'), { readonly: true });
    expect(db.prepare('SELECT used_at FROM cache').pluck().all()).toEqual([2000]);
    db.close();
  }));

test(
  'a record that clean-up removes is remembered as that, until it is there again',
  withStore(async (store) => {
    const layer = await putLayer(store, 'a');
    store.cache.put(record('k', { layer: layer.diffId }));
    const before = Date.now();
    store.cache.remove([digestOf('k'), digestOf('never there')]);
    expect(store.cache.get(digestOf('k'))).toBeUndefined();
    expect(store.cache.find([digestOf('k')])).toEqual([]);
    expect(store.cache.removedAt(digestOf('k'))).toBeGreaterThanOrEqual(before);
    expect(store.cache.removedAt(digestOf('never there'))).toBeUndefined();
    store.cache.put(record('k', { layer: layer.diffId }));
    expect(store.cache.removedAt(digestOf('k'))).toBeUndefined();
  }),
);

test(
  'a record can be read whatever became of its layer',
  withStore(async (store) => {
    const layer = await putLayer(store, 'a');
    store.cache.put(record('k', { layer: layer.diffId }));
    unlinkSync(store.blobs.path(layer.diffId));
    expect(store.cache.get(digestOf('k'))).toBeUndefined();
    expect(store.cache.find([digestOf('x'), digestOf('k')])).toEqual([record('k', { layer: layer.diffId })]);
  }),
);

test(
  'of a project the latest builds are kept, the newest first',
  withStore(async (store) => {
    for (let i = 0; i < 20; i++) store.solved.put('p', `${i}`);
    store.solved.put('p', '18');
    store.solved.put('q', 'other');
    expect(store.solved.list('p').slice(0, 3)).toEqual(['18', '19', '17']);
    expect(store.solved.list('p').length).toBeLessThan(10);
    expect(store.solved.list('q')).toEqual(['other']);
  }),
);
