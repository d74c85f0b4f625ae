import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, type Digest } from '../../electron/engine/base/digest.ts';
import { MEDIA_TYPE, type Descriptor } from '../../electron/engine/image/oci.ts';
import type { Layer } from '../../electron/engine/layer/layer.ts';
import type { TocEntry } from '../../electron/engine/layer/toc.ts';
import type { Store, StoredImage } from '../../electron/engine/store/store.ts';

/** Layers and images for tests of the store. What a layer's blob holds means nothing to the store, so it is no real tar. */

/** Runs the work with a directory of its own, which is gone afterwards. */
export async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-store-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export interface SampleLayer {
  readonly layer: Layer;
  readonly data: Buffer;
  readonly toc: readonly TocEntry[];
}

/** The same name and size give the same layer. */
export function sampleLayer(name: string, bytes = 2000): SampleLayer {
  const data = Buffer.alloc(bytes, `${name}.`);
  const digest = digestOf(data);
  const file: TocEntry = {
    path: name,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 1,
    size: 5,
    offset: 512,
    digest: digestOf(name).slice(7),
  };
  const layer: Layer = {
    diffId: digest,
    contentDigest: digestOf(`content of ${name}`),
    blob: { digest, size: bytes, mediaType: MEDIA_TYPE.layer },
    size: bytes,
    createdAt: '2026-01-02T03:04:05.000Z',
  };
  return { layer, data, toc: [file] };
}

/** Stores the layer as a build does: ingest file, commit, record. */
export async function putLayer(store: Store, name: string, bytes?: number): Promise<Layer> {
  const { layer, data, toc } = sampleLayer(name, bytes);
  await store.blobs.putStream(chunks(data), layer.blob);
  await store.layers.put(layer, toc);
  return layer;
}

/** Stores a whole image of these layers. The same arguments give the same image. */
export async function putImage(
  store: Store,
  name: string,
  layerNames: readonly string[],
): Promise<StoredImage> {
  const layers: Layer[] = [];
  for (const layerName of layerNames) layers.push(await putLayer(store, layerName));
  const image = await storeDocuments(store, name, layers);
  await store.images.put(image);
  return image;
}

/** Stores config and manifest, and answers the image they make, not yet recorded. */
export async function storeDocuments(
  store: Store,
  name: string,
  layers: readonly Layer[],
): Promise<StoredImage> {
  const config = JSON.stringify({
    created: '2026-01-02T03:04:05Z',
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { name } },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: '2026-01-02T03:04:05Z', created_by: name })),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: { mediaType: MEDIA_TYPE.config, digest: digestOf(config), size: config.length },
    layers: layers.map(({ blob }) => ({ mediaType: blob.mediaType, digest: blob.digest, size: blob.size })),
  });
  await store.blobs.put(config);
  return {
    descriptor: {
      mediaType: MEDIA_TYPE.manifest,
      digest: await store.blobs.put(manifest),
      size: manifest.length,
      platform: { os: 'linux', architecture: 'amd64' },
    } satisfies Descriptor,
    config: digestOf(config),
    createdAt: '2026-01-02T03:04:05Z',
    storedAt: '2026-01-02T03:04:06.000Z',
    origin: 'built',
  };
}

export async function* chunks(...data: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* data;
}

/** The full reference of a short name. */
export function full(name: string): string {
  return `docker.io/library/${name}`;
}

/** A digest that no blob of a test has. */
export const NOWHERE: Digest = digestOf('nowhere');
