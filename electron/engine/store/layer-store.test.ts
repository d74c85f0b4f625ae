import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  chunks,
  NOWHERE,
  putLayer,
  sampleLayer,
  storeDocuments,
  withDirectory,
} from '../../../tests/faults/store-samples.ts';
import { digestOf, hexOf } from '../base/digest.ts';
import { MEDIA_TYPE } from '../image/oci.ts';
import type { Layer } from '../layer/layer.ts';
import { serializeToc } from '../layer/toc-codec.ts';
import type { Inflate } from './layer-store.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';
import { createTocCache } from './toc-cache.ts';

function withStore(
  work: (store: Store, root: string) => Promise<void>,
  inflate?: Inflate,
): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const store = await openStore({ root, ...(inflate ? { inflate } : {}) });
      try {
        await work(store, root);
        expect(readdirSync(join(root, 'ingest'))).toEqual([]);
      } finally {
        store.close();
      }
    });
}

describe('records', () => {
  test(
    'a layer comes back with its table, also from disk',
    withStore(async (store, root) => {
      const { layer, toc } = sampleLayer('a');
      expect(store.layers.get(layer.diffId)).toBeUndefined();
      await putLayer(store, 'a');
      const other = await openStore({ root });
      expect(other.layers.get(layer.diffId)).toEqual(layer);
      expect(await store.layers.toc(layer.diffId)).toEqual(toc);
      expect(await other.layers.toc(layer.diffId)).toEqual(toc);
      other.close();
    }),
  );

  test(
    'a table may come as text',
    withStore(async (store) => {
      const { layer, data, toc } = sampleLayer('a');
      await store.blobs.putStream(chunks(data));
      await store.layers.put(layer, serializeToc(toc));
      expect(await store.layers.toc(layer.diffId)).toEqual(toc);
    }),
  );

  test(
    'put again keeps the first record',
    withStore(async (store) => {
      const layer = await putLayer(store, 'a');
      await store.layers.put({ ...layer, createdAt: 'later' }, []);
      expect(store.layers.get(layer.diffId)).toEqual(layer);
    }),
  );

  test(
    'no layer without its blob',
    withStore(async (store) => {
      const { layer, toc } = sampleLayer('a');
      await expect(store.layers.put(layer, toc)).rejects.toMatchObject({ code: 'LAYER_MISSING' });
      await expect(store.layers.toc(NOWHERE)).rejects.toMatchObject({ code: 'LAYER_MISSING' });
      await expect(store.layers.uncompressedPath(NOWHERE)).rejects.toMatchObject({ code: 'LAYER_MISSING' });
    }),
  );
});

describe('damage', () => {
  test.each([
    ['removed', (path: string) => unlinkSync(path)],
    ['emptied', (path: string) => writeFileSync(path, '')],
    ['cut short', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -3))],
    ['altered', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"a"', '"b"'))],
    ['that of another layer', (path: string, other: string) => writeFileSync(path, readFileSync(other))],
  ])('a table that is %s is never served, and putting the layer again heals it', (_, spoil) =>
    withStore(async (store, root) => {
      const { layer, toc } = sampleLayer('a');
      await putLayer(store, 'a');
      const other = await putLayer(store, 'other');
      const path = join(root, 'toc', hexOf(layer.diffId));
      spoil(path, join(root, 'toc', hexOf(other.diffId)));
      const fresh = await openStore({ root });
      await expect(fresh.layers.toc(layer.diffId)).rejects.toMatchObject({ code: 'LAYER_MISSING' });
      expect(fresh.layers.get(layer.diffId)).toBeUndefined();
      await fresh.layers.put(layer, toc);
      fresh.close();
      const again = await openStore({ root });
      expect(await again.layers.toc(layer.diffId)).toEqual(toc);
      again.close();
    })(),
  );

  test(
    'a layer whose blob is gone or of another size is not there',
    withStore(async (store) => {
      const { diffId } = await putLayer(store, 'a');
      writeFileSync(store.blobs.path(diffId), 'short');
      expect(store.layers.get(diffId)).toBeUndefined();
      unlinkSync(store.blobs.path(diffId));
      expect(store.layers.get(diffId)).toBeUndefined();
      await putLayer(store, 'a');
      expect(store.layers.get(diffId)).toBeDefined();
    }),
  );
});

describe('uncompressedPath', () => {
  const tar = sampleLayer('zipped');
  const zipped = gzipSync(tar.data);
  const layer: Layer = {
    ...tar.layer,
    blob: { digest: digestOf(zipped), size: zipped.length, mediaType: MEDIA_TYPE.layerGzip },
  };
  let calls = 0;
  const inflate: Inflate = async (blobPath, mediaType, outPath) => {
    calls++;
    expect(mediaType).toBe(MEDIA_TYPE.layerGzip);
    const data = gunzipSync(readFileSync(blobPath));
    writeFileSync(outPath, data);
    return { digest: digestOf(data), size: data.length };
  };

  async function putZipped(store: Store): Promise<void> {
    await store.blobs.putStream(chunks(zipped), layer.blob);
    await store.layers.put(layer, tar.toc);
  }

  test(
    'is the blob itself where that is not compressed',
    withStore(async (store) => {
      const { diffId } = await putLayer(store, 'a');
      expect(await store.layers.uncompressedPath(diffId)).toBe(store.blobs.path(diffId));
    }),
  );

  test(
    'unpacks once, however many ask',
    withStore(async (store) => {
      await putZipped(store);
      calls = 0;
      const paths = await Promise.all([1, 2, 3].map(() => store.layers.uncompressedPath(layer.diffId)));
      expect(new Set(paths)).toEqual(new Set([store.blobs.path(layer.diffId)]));
      expect(calls).toBe(1);
      expect(readFileSync(paths[0]!)).toEqual(tar.data);
      await store.layers.uncompressedPath(layer.diffId);
      expect(calls).toBe(1);
    }, inflate),
  );

  test(
    'what unpacks to something else is refused',
    withStore(
      async (store) => {
        await putZipped(store);
        await expect(store.layers.uncompressedPath(layer.diffId)).rejects.toMatchObject({
          code: 'LAYER_CORRUPT',
        });
        expect(store.blobs.has(layer.diffId)).toBe(false);
      },
      async (_, __, outPath) => {
        writeFileSync(outPath, 'evil');
        return { digest: digestOf('evil'), size: 4 };
      },
    ),
  );

  test(
    'the unpacked form goes with its layer',
    withStore(async (store, root) => {
      await putZipped(store);
      const image = await storeDocuments(store, 'app', [layer]);
      await store.images.put(image);
      await store.layers.uncompressedPath(layer.diffId);
      const { freed } = await store.images.remove(image.descriptor.digest);
      expect(freed).toBeGreaterThan(tar.data.length + zipped.length);
      expect(readdirSync(join(root, 'blobs/sha256'))).toEqual([]);
    }, inflate),
  );
});

describe('the memory cache of tables', () => {
  const table = (length: number) => Promise.resolve(Array.from({ length }, () => sampleLayer('x').toc[0]!));

  test('drops the least recently used above its limit', async () => {
    const cache = createTocCache(10);
    const [a, b, c] = ['a', 'b', 'c'].map(digestOf) as [typeof NOWHERE, typeof NOWHERE, typeof NOWHERE];
    cache.set(a, table(4), 4);
    cache.set(b, table(4), 4);
    cache.get(a);
    cache.set(c, table(4), 4);
    expect([a, b, c].map((each) => cache.get(each) !== undefined)).toEqual([true, false, true]);
    cache.set(b, table(99), 99);
    expect([a, b, c].map((each) => cache.get(each) !== undefined)).toEqual([false, true, false]);
  });

  test('loads once, and forgets a failure', async () => {
    const cache = createTocCache(10);
    let loads = 0;
    const failing = cache.load(NOWHERE, () => {
      loads++;
      return Promise.reject(new Error('no'));
    });
    expect(cache.get(NOWHERE)).toBe(failing);
    await expect(failing).rejects.toThrow('no');
    await Promise.resolve();
    expect(cache.get(NOWHERE)).toBeUndefined();
    expect(await cache.load(NOWHERE, () => table(1))).toHaveLength(1);
    expect(loads).toBe(1);
  });
});
