import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  chunks,
  full,
  NOWHERE,
  putImage,
  putLayer,
  sampleLayer,
  storeDocuments,
  withDirectory,
} from '../../../tests/faults/store-samples.ts';
import { digestOf } from '../base/digest.ts';
import { openStore } from './open-store.ts';
import type { CacheRecord, Store } from './store.ts';

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

function blobNames(root: string): readonly string[] {
  return readdirSync(join(root, 'blobs/sha256')).sort();
}

function recordOf(key: string, layerName: string): CacheRecord {
  return {
    key: digestOf(key),
    step: 'step',
    parts: [],
    layer: sampleLayer(layerName).layer.diffId,
    createdAt: '2026-01-01T00:00:00Z',
  };
}

describe('put', () => {
  test(
    'keeps the image as given, and the first row of one put twice',
    withStore(async (store) => {
      const image = await putImage(store, 'app', ['a', 'b']);
      expect(store.images.get(image.descriptor.digest)).toEqual(image);
      await store.images.put({ ...image, origin: 'pulled', buildId: 'x', storedAt: 'later' });
      expect(store.images.list()).toEqual([image]);
    }),
  );

  test(
    'refuses what is not whole',
    withStore(async (store) => {
      const stored = await putLayer(store, 'a');
      const image = await storeDocuments(store, 'app', [stored, sampleLayer('never stored').layer]);
      await expect(store.images.put(image)).rejects.toMatchObject({ code: 'IMAGE_INCOMPLETE' });
      const other = await storeDocuments(store, 'other', [stored]);
      await expect(store.images.put({ ...other, config: NOWHERE })).rejects.toMatchObject({
        code: 'IMAGE_INVALID',
      });
      const descriptor = { ...other.descriptor, digest: NOWHERE };
      await expect(store.images.put({ ...other, descriptor })).rejects.toMatchObject({
        code: 'BLOB_MISSING',
      });
      expect(store.images.list()).toEqual([]);
    }),
  );

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an index', '{"manifests":[]}'],
    ['a hostile digest', '{"config":{"digest":"sha256:../x","size":1},"layers":[]}'],
  ])('a manifest that is %s is refused', (_, text) =>
    withStore(async (store) => {
      const image = await putImage(store, 'app', []);
      const descriptor = { ...image.descriptor, digest: await store.blobs.put(text), size: text.length };
      await expect(store.images.put({ ...image, descriptor })).rejects.toMatchObject({
        code: 'IMAGE_INVALID',
      });
    })(),
  );
});

describe('remove', () => {
  test(
    'deletes everything that was only its own, and its tags',
    withStore(async (store, root) => {
      const image = await putImage(store, 'app', ['a', 'b']);
      await store.references.set([full('app:1'), full('app:2')], image.descriptor);
      const bytes = blobNames(root).reduce((sum, name) => sum + store.blobs.size(`sha256:${name}`)!, 0);
      expect(await store.images.remove(image.descriptor.digest)).toEqual({ freed: bytes });
      expect(blobNames(root)).toEqual([]);
      expect(readdirSync(join(root, 'toc'))).toEqual([]);
      expect(readdirSync(join(root, 'ingest'))).toEqual([]);
      expect(store.references.list()).toEqual([]);
      expect(store.layers.get(sampleLayer('a').layer.diffId)).toBeUndefined();
    }),
  );

  test(
    'keeps what another image has',
    withStore(async (store) => {
      const first = await putImage(store, 'first', ['shared', 'own']);
      const second = await putImage(store, 'second', ['shared']);
      await store.images.remove(first.descriptor.digest);
      expect(store.blobs.has(sampleLayer('own').layer.diffId)).toBe(false);
      expect(store.layers.get(sampleLayer('shared').layer.diffId)).toBeDefined();
      expect(await store.blobs.read(second.config)).toBeDefined();
    }),
  );

  test(
    'keeps the layers of cache records until those are gone',
    withStore(async (store) => {
      const image = await putImage(store, 'app', ['a', 'b']);
      store.cache.put(recordOf('k', 'a'));
      await store.images.remove(image.descriptor.digest);
      expect(store.cache.get(digestOf('k'))).toBeDefined();
      expect(store.blobs.has(sampleLayer('b').layer.diffId)).toBe(false);
      await putLayer(store, 'c');
      store.cache.put(recordOf('k', 'c'));
      const other = await putImage(store, 'other', []);
      await store.images.remove(other.descriptor.digest);
      expect(store.blobs.has(sampleLayer('a').layer.diffId)).toBe(false);
      expect(store.blobs.has(sampleLayer('c').layer.diffId)).toBe(true);
    }),
  );

  test(
    'keeps what a lease holds until it is released',
    withStore(async (store) => {
      const image = await putImage(store, 'app', ['a']);
      const { diffId } = sampleLayer('a').layer;
      const lease = store.lease('test');
      lease.add(diffId);
      await store.images.remove(image.descriptor.digest);
      expect(store.layers.get(diffId)).toBeDefined();
      lease.release();
      lease.release();
      const other = await putImage(store, 'other', []);
      await store.images.remove(other.descriptor.digest);
      expect(store.blobs.has(diffId)).toBe(false);
    }),
  );

  test(
    'a lease holds blobs that come later, and a fresh blob is held without one',
    withStore(async (store) => {
      using lease = store.lease('test');
      lease.add(digestOf('later'));
      await store.blobs.put('later');
      await store.blobs.put('fresh');
      const image = await putImage(store, 'app', []);
      await store.images.remove(image.descriptor.digest);
      expect(store.blobs.has(digestOf('later'))).toBe(true);
      expect(store.blobs.has(digestOf('fresh'))).toBe(true);
    }),
  );

  test.each(['put', 'commit'] as const)('a blob that %s finds to be there is kept from then on', (how) =>
    withStore(async (store) => {
      const image = await putImage(store, 'app', ['a']);
      const { data, layer } = sampleLayer('a');
      if (how === 'put') await store.blobs.put(data);
      else await store.blobs.putStream(chunks(data), layer.blob);
      await store.images.remove(image.descriptor.digest);
      expect(store.blobs.has(layer.diffId)).toBe(true);
      expect(store.blobs.has(image.config)).toBe(false);
    })(),
  );

  test(
    'another store of the same directory sees leases and what is gone',
    withStore(async (store, root) => {
      const image = await putImage(store, 'app', ['a']);
      const other = await openStore({ root });
      const { diffId } = sampleLayer('a').layer;
      const lease = other.lease('test');
      lease.add(diffId);
      await store.images.remove(image.descriptor.digest);
      expect(other.layers.get(diffId)).toBeDefined();
      expect(other.images.list()).toEqual([]);
      other.close();
      const reopened = await openStore({ root });
      expect(existsSync(reopened.blobs.path(diffId))).toBe(false);
      reopened.close();
    }),
  );

  test(
    'an image that is not there',
    withStore(async (store) => {
      await expect(store.images.remove(NOWHERE)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    }),
  );
});
