import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { addImage, addLayer, planned, withBench, type Bench } from '../../../tests/support/image-fixture.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import type { Layer } from '../layer/layer.ts';
import { MEDIA_TYPE, type HistoryEntry } from './oci.ts';
import { readImage } from './read-image.ts';
import { serializeConfig, serializeManifest } from './serialize.ts';

async function putImage(
  { store }: Bench,
  layers: readonly Layer[],
  history: readonly HistoryEntry[],
  layerType: string = MEDIA_TYPE.layer,
): Promise<Digest> {
  const diff_ids = layers.map((layer) => layer.diffId);
  const config = serializeConfig({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids },
    history,
  });
  return store.blobs.put(
    serializeManifest({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      config: {
        mediaType: MEDIA_TYPE.config,
        digest: await store.blobs.put(config),
        size: Buffer.byteLength(config),
      },
      layers: layers.map(({ blob }) => ({ ...blob, mediaType: layerType })),
    }),
  );
}

const named = (name: string): HistoryEntry => ({ created_by: name });
const empty = (name: string): HistoryEntry => ({ created_by: name, empty_layer: true });

test.each<readonly [string, readonly HistoryEntry[], readonly (string | undefined)[]]>([
  ['in line', [named('a'), empty('b'), named('c')], ['a', 'c']],
  ['absent', [], [undefined, undefined]],
  ['too short', [empty('x'), named('a')], ['a', undefined]],
  ['too long', [named('a'), named('b'), named('c')], ['a', 'b']],
])('a history that is %s is brought into line with the layers', (_, history, layersOf) =>
  withBench(async (bench) => {
    const layers = [await addLayer(bench, [planned('a')]), await addLayer(bench, [planned('b')])];
    const { config } = await readImage(bench.store, await putImage(bench, layers, history));
    const withLayer = config.history!.filter((entry) => !entry.empty_layer);
    expect(withLayer.map((entry) => entry.created_by)).toEqual(layersOf);
  }),
);

test('Docker media types become OCI ones', () =>
  withBench(async (bench) => {
    const layer = await addLayer(bench, [planned('a')]);
    const type = 'application/vnd.docker.image.rootfs.diff.tar';
    const { layers } = await readImage(bench.store, await putImage(bench, [layer], [named('a')], type));
    expect(layers).toEqual([layer]);
  }));

test('an index leads to the image for the platform, else to the only one', () =>
  withBench(async (bench) => {
    const one = await addImage(bench.store, [await addLayer(bench, [planned('a')])]);
    const two = await addImage(bench.store, [await addLayer(bench, [planned('b')])]);
    const offer = (descriptor: object, architecture: string): object => ({
      ...descriptor,
      platform: { os: 'linux', architecture },
    });
    const manifests = [offer(one, 's390x'), offer(two, 'riscv64')];
    const index = await bench.store.blobs.put(
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }),
    );
    const read = async (architecture: string): Promise<Digest> =>
      (await readImage(bench.store, index, { os: 'linux', architecture })).descriptor.digest;
    expect(await read('s390x')).toBe(one.digest);
    expect(await read('riscv64')).toBe(two.digest);
    await expect(read('amd64')).rejects.toMatchObject({
      code: 'IMAGE_PLATFORM_MISSING',
      hint: 'It has linux/s390x, linux/riscv64.',
    });
    await expect(readImage(bench.store, index)).rejects.toMatchObject({ code: 'IMAGE_PLATFORM_MISSING' });
    const single = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      manifests: manifests.slice(0, 1),
    });
    expect((await readImage(bench.store, await bench.store.blobs.put(single))).descriptor.digest).toBe(
      one.digest,
    );
  }));

test('what is missing or too short is told', () =>
  withBench(async (bench) => {
    await expect(readImage(bench.store, digestOf('none'))).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    const layer = await addLayer(bench, [planned('a')]);
    const { digest } = await addImage(bench.store, [layer]);
    await rm(bench.store.blobs.path(layer.diffId));
    await expect(readImage(bench.store, digest)).rejects.toMatchObject({ code: 'IMAGE_INCOMPLETE' });
  }));
