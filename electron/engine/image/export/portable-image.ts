import { digestOf, type Digest } from '../../base/digest.ts';
import type { Layer } from '../../layer/layer.ts';
import type { Lease, Store } from '../../store/store.ts';
import { MAX_DOCUMENT } from '../limits.ts';
import { MEDIA_TYPE, type Descriptor, type Manifest, type Platform } from '../oci.ts';
import { readImage } from '../read-image.ts';
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

/**
 * `keep` leaves each layer as the manifest has it, and so the image's digest too; `compressed` leaves those that are
 * compressed, however, and makes the others gzip.
 */
export type LayerForm = 'keep' | 'none' | 'compressed' | Compression;

/**
 * Reads an image and brings its layers into the form asked for; where that changes a blob, it gets a new manifest. Blobs
 * made on the way are in the store, under `lease`. Fails as {@link readImage} does.
 */
export async function portableImage(
  store: Store,
  lease: Lease,
  image: ExportImage,
  form: LayerForm,
  signal?: AbortSignal,
): Promise<PortableImage> {
  const { descriptor, manifest, config, layers } = await readImage(store, image.digest, image.platform);
  lease.add(descriptor.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest));
  const diffIds = config.rootfs.diff_ids;
  const blobs: Descriptor[] = [];
  for (const layer of layers) blobs.push(await inForm(store, lease, layer, form, signal));
  if (blobs.every((blob, index) => blob.digest === manifest.layers[index]!.digest)) {
    const manifestText = (await store.blobs.read(descriptor.digest, MAX_DOCUMENT)).toString('utf8');
    return { descriptor, manifestText, manifest, diffIds, references: image.references };
  }
  const changed: Manifest = {
    ...manifest,
    mediaType: MEDIA_TYPE.manifest,
    config: { ...manifest.config, mediaType: MEDIA_TYPE.config },
    layers: blobs,
  };
  const manifestText = serializeManifest(changed);
  return {
    descriptor: {
      mediaType: MEDIA_TYPE.manifest,
      digest: digestOf(manifestText),
      size: Buffer.byteLength(manifestText),
    },
    manifestText,
    manifest: changed,
    diffIds,
    references: image.references,
  };
}

async function inForm(
  store: Store,
  lease: Lease,
  layer: Layer,
  form: LayerForm,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  signal?.throwIfAborted();
  const plain = layer.blob.digest === layer.diffId;
  const isAlready =
    form === 'keep' ||
    (form === 'none' ? plain : form === 'compressed' ? !plain : layer.blob.mediaType.endsWith(form));
  if (isAlready) return { mediaType: layer.blob.mediaType, digest: layer.blob.digest, size: layer.blob.size };
  if (form !== 'none')
    return compressLayer(store, lease, layer, form === 'compressed' ? 'gzip' : form, signal);
  lease.add(layer.diffId);
  await store.layers.uncompressedPath(layer.diffId);
  return { mediaType: MEDIA_TYPE.layer, digest: layer.diffId, size: layer.size };
}
