import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFakeRegistry, type FakeRegistry } from '../../../tests/support/fake-registry.ts';
import { createFakeUploads, type FakeUploads } from '../../../tests/support/fake-uploads.ts';
import { addImage, addLayer, planned, withBench, type Bench } from '../../../tests/support/image-fixture.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { Manifest } from '../image/oci.ts';
import { pushImage, type PushedImage, type PushOptions } from './push-image.ts';
import { createSession } from './session.ts';
import { createTransport } from './transport.ts';

const TIMING = { answer: 2_000, idle: 500, backOff: 1 };
const SIZE = 300_000;
const CHUNK = 64 * 1024;
/** The same in every test, and nothing that can be compressed. */
const DATA = randomBytes(SIZE / 2).toString('hex');

let registry: FakeRegistry;
let uploads: FakeUploads;
beforeEach(async () => {
  registry = await startFakeRegistry();
  uploads = createFakeUploads();
  registry.misbehave(uploads.handle);
});
afterEach(() => registry.close());

async function imageOf(bench: Bench): Promise<Digest> {
  const layer = await addLayer(bench, [planned('data', { text: DATA })]);
  const small = await addLayer(bench, [planned('small', { text: 'small' })]);
  return (await addImage(bench.store, [layer, small])).digest;
}

async function push(
  { store, pool }: Pick<Bench, 'store' | 'pool'>,
  image: Digest,
  options: PushOptions = {},
): Promise<PushedImage> {
  using lease = store.lease('test');
  const session = createSession({
    domain: registry.host,
    transport: createTransport({}, TIMING),
    credential: () => Promise.resolve(undefined),
  });
  const remote = { session, repository: 'app' };
  const services = { store, pool, now: () => new Date() };
  // Awaited here: the lease must outlive the push.
  return await pushImage(services, remote, image, `${registry.host}/app:1`, lease, options);
}

function pushed(): { readonly mediaType: string; readonly manifest: Manifest; readonly digest: Digest } {
  const { bytes, mediaType } = uploads.manifests.get('/v2/app/manifests/1')!;
  return { mediaType, manifest: JSON.parse(bytes.toString()) as Manifest, digest: digestOf(bytes) };
}

/** How often the registry was asked so. */
const count = (method: string, part = ''): number =>
  registry.seen.filter((seen) => seen.method === method && seen.path.includes(part)).length;

describe('compression', () => {
  const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync, uncompressed: (bytes: Buffer) => bytes };
  const suffix = { gzip: '+gzip', zstd: '+zstd', uncompressed: '' };

  for (const compression of ['gzip', 'zstd', 'uncompressed'] as const) {
    test(`${compression}: what arrives is the image`, () =>
      withBench(async (bench) => {
        const image = await imageOf(bench);
        const { digest } = await push(bench, image, { compression });
        const found = pushed();
        expect(found.digest).toBe(digest);
        expect(found.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
        const config = JSON.parse(uploads.blobs.get(found.manifest.config.digest)!.toString()) as {
          rootfs: { diff_ids: readonly string[] };
        };
        expect(found.manifest.layers).toHaveLength(2);
        for (const [index, layer] of found.manifest.layers.entries()) {
          expect(layer.mediaType).toBe(`application/vnd.oci.image.layer.v1.tar${suffix[compression]}`);
          const bytes = uploads.blobs.get(layer.digest)!;
          expect(bytes).toHaveLength(layer.size);
          expect(digestOf(unpack[compression](bytes))).toBe(config.rootfs.diff_ids[index]);
        }
        expect(digest === image).toBe(compression === 'uncompressed');
      }));
  }

  test('gzip is the default, and the bytes are the same for another store', async () => {
    const digests = new Set<Digest>();
    for (const compression of ['gzip', undefined] as const)
      await withBench(async (bench) => {
        digests.add((await push(bench, await imageOf(bench), { compression })).digest);
      });
    expect(digests.size).toBe(1);
  });

  test('what is known to be there is not compressed again, nor is it sent', () =>
    withBench(async (bench) => {
      const jobs: string[] = [];
      const pool: WorkerPool = {
        ...bench.pool,
        run: (job, ...rest) => {
          jobs.push(job);
          return bench.pool.run(job, ...rest);
        },
      };
      const image = await imageOf(bench);
      const first = await push({ store: bench.store, pool }, image);
      expect(jobs).toContain('layer.compress');
      const [before, posts] = [jobs.length, count('POST')];
      expect(await push({ store: bench.store, pool }, image)).toEqual(first);
      expect(jobs).toHaveLength(before);
      expect(count('POST')).toBe(posts);
      // A registry that has lost them gets them again.
      uploads.blobs.clear();
      expect(await push({ store: bench.store, pool }, image)).toEqual(first);
      expect(jobs).toHaveLength(before);
      expect(uploads.blobs.size).toBe(3);
    }));

  test.each(['gzip', 'uncompressed'] as const)(
    '%s: a layer that has rotted in the store is noticed, and nothing is tagged',
    (compression) =>
      withBench(async (bench) => {
        const image = await imageOf(bench);
        const layer = await addLayer(bench, [planned('data', { text: DATA })]);
        const path = bench.store.blobs.path(layer.diffId);
        const bytes = await readFile(path);
        bytes[1000]! ^= 1;
        await writeFile(path, bytes);
        await expect(push(bench, image, { compression })).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
        expect(uploads.manifests.size).toBe(0);
      }),
  );
});

describe('uploads', () => {
  const inChunks: PushOptions = { compression: 'uncompressed', chunkSize: CHUNK };
  const whole: PushOptions = { compression: 'uncompressed' };

  /** Pushes, and looks whether all of it is there, right, and named last. */
  async function succeeds(options: PushOptions, check: () => void = () => undefined): Promise<void> {
    await withBench(async (bench) => {
      const image = await imageOf(bench);
      expect((await push(bench, image, options)).digest).toBe(image);
      for (const [digest, bytes] of uploads.blobs) expect(digestOf(bytes)).toBe(digest);
      expect(pushed().digest).toBe(image);
      expect(registry.seen.at(-1)).toMatchObject({ method: 'PUT', path: '/v2/app/manifests/1' });
      check();
    });
  }

  const fails = (options: PushOptions, code: string): Promise<void> =>
    withBench(async (bench) => {
      await expect(push(bench, await imageOf(bench), options)).rejects.toMatchObject({ code });
      expect(uploads.manifests.size).toBe(0);
    });

  test('small blobs go as a whole', () => succeeds(whole, () => expect(count('PATCH')).toBe(0)));

  test('large ones in chunks, the small ones beside them as a whole', () =>
    succeeds(inChunks, () => expect(count('PATCH')).toBe(Math.ceil((SIZE + 512 * 4) / CHUNK))));

  test('a registry that wants larger chunks gets them', async () => {
    uploads.behave({ leastChunk: 2 * CHUNK });
    await succeeds(inChunks, () => expect(count('PATCH')).toBe(3));
  });

  test.each([400, 404, 405, 416, 501])(
    'one that answers chunks with %d gets it as a whole',
    async (status) => {
      uploads.behave({ refuseChunks: status });
      await succeeds(inChunks, () => expect(count('PATCH')).toBe(1));
    },
  );

  test('one that finds it too large gets it in chunks', async () => {
    uploads.behave({ largestBody: 100_000 });
    await succeeds({ ...whole, chunkSize: 310_000 }, () => expect(count('PATCH')).toBeGreaterThan(3));
  });

  test('one that takes neither refuses it', async () => {
    uploads.behave({ largestBody: 1000, refuseChunks: 405 });
    await fails(inChunks, 'REGISTRY_REFUSED');
  });

  test.each([0, 1, 1000, CHUNK - 1, CHUNK])(
    'a connection that breaks after %d bytes of a chunk is taken up where it broke',
    async (bytes) => {
      uploads.behave({ breakAt: (upload) => (upload === 4 ? bytes : undefined) });
      await succeeds(inChunks, () => {
        expect(count('GET', '/uploads/')).toBe(1);
        expect(uploads.received()).toBeLessThan(SIZE + 10_000 + CHUNK);
      });
    },
  );

  test('a connection that breaks in every second chunk', async () => {
    uploads.behave({ breakAt: (upload) => (upload % 2 === 1 ? 10_000 : undefined) });
    await succeeds({ ...inChunks, chunkSize: 20_000 });
  });

  test('an answer that is lost, though the chunk arrived', async () => {
    uploads.behave({ swallowAnswer: (upload) => upload === 4 });
    await succeeds(inChunks, () => expect(uploads.received()).toBeLessThan(SIZE + 10_000));
  });

  test('a registry that forgets a broken upload gets it from the beginning', async () => {
    uploads.behave({ forgetful: true, breakAt: (upload) => (upload === 4 ? 10 : undefined) });
    await succeeds(inChunks, () => expect(count('POST')).toBe(4));
  });

  test.each([
    ['counts wrong', { boast: 500 }],
    ['spoils what it has', { spoils: true }],
  ])('a registry that %s when a connection breaks gets it from the beginning', async (_, how) => {
    uploads.behave({ ...how, breakAt: (upload) => (upload === 4 ? 1000 : undefined) });
    await succeeds(inChunks, () => expect(count('POST')).toBe(4));
  });

  test('a broken upload as a whole begins again', async () => {
    uploads.behave({ breakAt: (upload) => (upload < 3 ? 5 : undefined) });
    await succeeds(whole);
  });

  test('one that breaks for ever ends, and nothing is tagged', async () => {
    uploads.behave({ breakAt: () => 1000 });
    await fails(whole, 'REGISTRY_CONNECTION_LOST');
  });

  test('a registry that says it has more than was sent', async () => {
    uploads.behave({ boast: 1_000_000, breakAt: (upload) => (upload === 4 ? 10 : undefined) });
    await fails(inChunks, 'REGISTRY_ANSWER_INVALID');
  });

  test.each(['http://registry.example', 'http://10.0.0.1:5000', 'ftp://127.0.0.1'])(
    'uploads that are to go on at %s are not sent',
    async (elsewhere) => {
      uploads.behave({ elsewhere });
      await fails(whole, 'REGISTRY_INSECURE');
      expect(uploads.received()).toBe(0);
    },
  );

  test('cancelled on the way: nothing is tagged', () =>
    withBench(async (bench) => {
      const abort = new AbortController();
      const options = { ...inChunks, signal: abort.signal, onTransfer: () => abort.abort() };
      await expect(push(bench, await imageOf(bench), options)).rejects.toMatchObject({ name: 'AbortError' });
      expect(uploads.manifests.size).toBe(0);
    }));

  test('progress never goes over the total, and ends there', () =>
    withBench(async (bench) => {
      uploads.behave({ breakAt: (upload) => (upload === 4 ? 1000 : undefined) });
      const told: (readonly [number, number])[] = [];
      await push(bench, await imageOf(bench), { ...inChunks, onTransfer: (...now) => told.push(now) });
      for (const [current, total] of told) expect(current).toBeLessThanOrEqual(total);
      const [current, total] = told.at(-1)!;
      expect(current).toBe(total);
      expect(total).toBeGreaterThan(SIZE);
    }));
});

describe('tokens', () => {
  /** Asks for tokens, each good for so many requests; answers the scopes that were asked for. */
  function secure(requests: number): readonly string[][] {
    const asked: string[][] = [];
    let left = 0;
    registry.misbehave((request, response) => {
      const url = new URL(request.url!, 'http://x');
      if (url.pathname === '/token') {
        asked.push(url.searchParams.getAll('scope'));
        left = requests;
        response.end(`{"token":"t${asked.length}"}`);
        return true;
      }
      const good = request.headers.authorization === `Bearer t${asked.length}` && left-- > 0;
      if (good) return uploads.handle(request, response);
      const realm = `Bearer realm="http://${registry.host}/token",service="s",scope="repository:app:pull,push"`;
      request.resume();
      response.writeHead(401, { 'www-authenticate': realm }).end();
      return true;
    });
    return asked;
  }

  test('cover the repository that something is mounted from', () =>
    withBench(async (bench) => {
      const image = await imageOf(bench);
      const { descriptor } = bench.store.images.get(image)!;
      await bench.store.references.set([`${registry.host}/other/base:1`], descriptor);
      const asked = secure(1000);
      await push(bench, image, { compression: 'uncompressed' });
      expect(asked).toEqual([['repository:app:pull,push', 'repository:other/base:pull']]);
      expect(count('POST', '&from=other%2Fbase')).toBe(2);
    }));

  test('one that expires on the way is replaced', () =>
    withBench(async (bench) => {
      const image = await imageOf(bench);
      const asked = secure(9);
      await push(bench, image, { compression: 'uncompressed', chunkSize: CHUNK });
      expect(asked.length).toBeGreaterThan(1);
      expect(pushed().digest).toBe(image);
    }));
});
