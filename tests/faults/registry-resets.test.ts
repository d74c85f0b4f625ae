import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../electron/engine/base/digest.ts';
import { pushImage } from '../../electron/engine/registry/push-image.ts';
import { createSession } from '../../electron/engine/registry/session.ts';
import { createTransport } from '../../electron/engine/registry/transport.ts';
import { pullFrom } from '../support/fake-pull.ts';
import { startFakeRegistry, type FakeRegistry } from '../support/fake-registry.ts';
import { createFakeUploads } from '../support/fake-uploads.ts';
import { addImage, addLayer, planned, withBench } from '../support/image-fixture.ts';

/** Connections to a registry that are reset at many places: everything arrives, or nothing does. */

const SIZE = 1024 * 1024;
const PULLS = 60;
const PUSHES = 120;

let registry: FakeRegistry;
beforeEach(async () => {
  registry = await startFakeRegistry(SIZE);
});
afterEach(() => registry.close());

test(`${PULLS} pulls, each reset at another place, and again every 64 KiB after it`, async () => {
  const { bytes, digest } = registry.layer;
  for (let count = 0; count < PULLS; count++) {
    const first = Math.floor((count * bytes.length) / PULLS);
    registry.misbehave((request, response) => {
      if (!request.url!.endsWith(digest)) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const end = from < first ? first : from + 65_536;
      const part = bytes.subarray(from, end);
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': bytes.length - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      });
      response.flushHeaders();
      response.write(part, () => {
        if (end >= bytes.length) response.end();
        // Once it has been written; a reset would take back what is still on its way.
        else setImmediate(() => request.socket.destroy());
      });
      return true;
    });
    expect(await pullFrom(registry), `reset after ${first} bytes`).toBeUndefined();
  }
});

test(`${PUSHES} pushes, each reset at other places, to registries that keep and that forget what came`, () =>
  withBench(async (bench) => {
    const { store, pool } = bench;
    const layer = await addLayer(bench, [planned('data', { text: 'data '.repeat(SIZE / 5) })]);
    const image = (await addImage(store, [layer])).digest;
    const session = createSession({
      domain: registry.host,
      transport: createTransport({}, { answer: 2_000, idle: 1_000, backOff: 1 }),
      credential: () => Promise.resolve(undefined),
    });
    const services = { store, pool, now: () => new Date() };
    for (let count = 0; count < PUSHES; count++) {
      const uploads = createFakeUploads();
      registry.misbehave(uploads.handle);
      const chunkSize = count % 3 === 0 ? 2 * SIZE : 100_000 + count;
      uploads.behave({
        forgetful: count % 2 === 0,
        breakAt: (upload) =>
          upload > 0 && upload <= 3 ? Math.floor((count * chunkSize) / PUSHES) : undefined,
      });
      using lease = store.lease('test');
      const options = { compression: 'uncompressed', chunkSize } as const;
      const remote = { session, repository: 'app' };
      await pushImage(services, remote, image, `${registry.host}/app:1`, lease, options);
      expect(uploads.blobs.size).toBe(2);
      for (const [digest, bytes] of uploads.blobs) expect(digestOf(bytes)).toBe(digest);
      expect(digestOf(uploads.manifests.get('/v2/app/manifests/1')!.bytes)).toBe(image);
    }
  }));
