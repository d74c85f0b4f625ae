import { digestOf, type Digest } from '../../base/digest.ts';
import type { WorkerPool } from '../../base/worker-pool.ts';
import type { Layer } from '../../layer/layer.ts';
import type { Lease, Store } from '../../store/store.ts';
import { MAX_DOCUMENT } from '../limits.ts';
import { MEDIA_TYPE, type Descriptor, type Manifest, type Platform } from '../oci.ts';
import { readImage, type StoreImage } from '../read-image.ts';
import { serializeManifest } from '../serialize.ts';
import { compressLayer, type Compression } from './compress-layer.ts';

/** An image to export, and the names it is to have where it arrives: full references with a tag. */
export interface ExportImage {
  readonly digest: Digest;
  readonly references: readonly string[];
  readonly platform?: Platform | undefined;
}

/** An image as it goes into an archive. */
export interface PortableImage {
  readonly descriptor: Descriptor;
  readonly manifestText: string;
  readonly manifest: Manifest;
  readonly diffIds: readonly Digest[];
  readonly references: readonly string[];
}

/** `keep` leaves each layer as the manifest has it, and so the image's digest too; `none` unpacks them. */
export type LayerForm = 'keep' | 'none' | { readonly compression: Compression; readonly pool: WorkerPool };

/**
 * Reads an image and brings its layers into the form asked for; where that changes a blob, it gets a new manifest. Blobs
 * made on the way are in the store, under `lease`. Fails as {@link readImage} does.
 */
export async function portableImage(
  { store, lease }: { readonly store: Store; readonly lease: Lease },
  image: ExportImage,
  form: LayerForm,
  signal?: AbortSignal,
): Promise<PortableImage> {
  const found = await readImage(store, image.digest, image.platform);
  const { descriptor, manifest, config, layers } = found;
  lease.add(descriptor.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest));
  const blobs: Descriptor[] = [];
  for (const layer of layers) blobs.push(await inForm(store, lease, layer, form, signal));
  const diffIds = config.rootfs.diff_ids;
  return { ...(await withLayers(store, found, blobs)), diffIds, references: image.references };
}

/** The image's manifest with these blobs as its layers; its own, byte for byte, where they are the same. */
export async function withLayers(
  store: Store,
  { descriptor, manifest }: Pick<StoreImage, 'descriptor' | 'manifest'>,
  blobs: readonly Descriptor[],
): Promise<Pick<PortableImage, 'descriptor' | 'manifest' | 'manifestText'>> {
  if (blobs.every((blob, index) => blob.digest === manifest.layers[index]!.digest)) {
    const manifestText = (await store.blobs.read(descriptor.digest, MAX_DOCUMENT)).toString('utf8');
    return { descriptor, manifestText, manifest };
  }
  const changed: Manifest = {
    ...manifest,
    mediaType: MEDIA_TYPE.manifest,
    config: { ...manifest.config, mediaType: MEDIA_TYPE.config },
    layers: blobs,
  };
  const manifestText = serializeManifest(changed);
  const digest = digestOf(manifestText);
  const size = Buffer.byteLength(manifestText);
  return { descriptor: { mediaType: MEDIA_TYPE.manifest, digest, size }, manifestText, manifest: changed };
}

async function inForm(
  store: Store,
  lease: Lease,
  layer: Layer,
  form: LayerForm,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  signal?.throwIfAborted();
  const { digest, size, mediaType } = layer.blob;
  const isAlready =
    form === 'keep' || (form === 'none' ? digest === layer.diffId : mediaType.endsWith(form.compression));
  if (isAlready) return { mediaType, digest, size };
  if (form !== 'none')
    return compressLayer({ store, lease, pool: form.pool }, layer, form.compression, signal);
  lease.add(layer.diffId);
  await store.layers.uncompressedPath(layer.diffId);
  return { mediaType: MEDIA_TYPE.layer, digest: layer.diffId, size: layer.size };
}
