import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { inParallel } from '../base/in-parallel.ts';
import { compressLayer, type Compression } from '../image/export/compress-layer.ts';
import { withLayers } from '../image/export/portable-image.ts';
import type { Descriptor } from '../image/oci.ts';
import { readImage } from '../image/read-image.ts';
import { normalizeTag, parseReference } from '../image/reference.ts';
import type { Layer } from '../layer/layer.ts';
import type { Lease, Store } from '../store/store.ts';
import { createBlobMemory } from './blob-memory.ts';
import { knownRepositories } from './known-repositories.ts';
import type { PullServices, Remote } from './pull-image.ts';
import { createTransferProgress, type OnTransfer, type Share } from './transfer-progress.ts';
import { finish } from './refused.ts';
import { hasBlob, mountBlob, uploadBlob } from './upload-blob.ts';

export interface PushOptions {
  /** How layers that lie uncompressed in the store are sent; others stay as they are. Default: gzip. */
  readonly compression?: Compression | 'uncompressed' | undefined;
  /** See UploadOptions. */
  readonly chunkSize?: number | undefined;
  readonly onTransfer?: OnTransfer | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PushedImage {
  /** In full, with its tag. */
  readonly reference: string;
  /** Of the manifest as pushed, which has the layers as they were sent. */
  readonly digest: Digest;
}

const PARALLEL = 4;
const CHUNK = 16 * 1024 * 1024;

/**
 * Pushes an image and tags it there (distribution spec, pushing). Blobs that the registry has are not sent, nor compressed
 * where it is known what they would be; those that another of its repositories is known to have are mounted. Layers are
 * compressed while others are under way. The tag is set last, so that it never names half an image.
 * Fails with REFERENCE_INVALID, REGISTRY_*, as readImage and compressLayer do, or with an AbortError.
 */
export async function pushImage(
  { store, pool, now }: PullServices,
  remote: Remote,
  image: Digest,
  text: string,
  lease: Lease,
  { compression = 'gzip', chunkSize = CHUNK, onTransfer, signal }: PushOptions = {},
): Promise<PushedImage> {
  const reference = normalizeTag(text);
  const { domain, path, tag } = parseReference(reference);
  const found = await readImage(store, image);
  const { manifest, layers } = found;
  lease.add(found.descriptor.digest, manifest.config.digest, ...layers.map((layer) => layer.blob.digest));
  const memory = createBlobMemory(store, now);
  const tagged = await knownRepositories(store, domain, path);
  const share = createTransferProgress(onTransfer);

  const placeOf = ({ digest }: Descriptor): string | undefined => {
    const last = memory.repository(domain, digest);
    return last === path ? undefined : (last ?? tagged.get(digest));
  };
  // Without a token for both repositories a registry mounts nothing.
  for (const layer of layers) {
    const isPlain = layer.blob.digest === layer.diffId && compression !== 'uncompressed';
    const blob = isPlain ? memory.packed(layer.diffId, compression) : layer.blob;
    const from = blob && placeOf(blob);
    if (from !== undefined) remote.session.alsoWants(`repository:${from}:pull`);
  }
  const arrived = (blob: Descriptor, progress: Share): Descriptor => {
    progress.resize(blob.size);
    progress.finish();
    memory.rememberRepository(domain, blob.digest, path);
    return blob;
  };
  const send = async (blob: Descriptor, progress: Share, own: AbortSignal): Promise<Descriptor> => {
    progress.resize(blob.size);
    const source = { path: store.blobs.path(blob.digest), digest: blob.digest, size: blob.size };
    const options = { from: placeOf(blob), chunkSize, onSent: progress.reach, signal: own };
    try {
      await uploadBlob(remote, source, options);
    } catch (error) {
      // One that has rotted in the store is refused too, which is not the registry's fault.
      if (error instanceof EngineError && error.code === 'REGISTRY_REFUSED') await verify(store, blob);
      throw error;
    }
    return arrived(blob, progress);
  };
  /** Whether the registry has it or can mount it, with nothing to send at hand. */
  const isReachable = async (blob: Descriptor, own: AbortSignal): Promise<boolean> => {
    const from = placeOf(blob);
    if (await hasBlob(remote, blob.digest, own)) return true;
    return from !== undefined && mountBlob(remote, blob.digest, from, own);
  };

  const sendLayer = async (layer: Layer, progress: Share, own: AbortSignal): Promise<Descriptor> => {
    const isPlain = layer.blob.digest === layer.diffId;
    if (!isPlain || compression === 'uncompressed') return send(layer.blob, progress, own);
    const known = memory.packed(layer.diffId, compression);
    if (known) {
      lease.add(known.digest);
      if (store.blobs.size(known.digest) === known.size) return send(known, progress, own);
      if (await isReachable(known, own)) return arrived(known, progress);
    }
    const packed = await compressLayer({ store, pool, lease }, layer, compression, own);
    memory.rememberPacked(layer.diffId, compression, packed);
    return send(packed, progress, own);
  };

  const sent = new Map<Digest, Descriptor>();
  const unique = [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
  const work = unique.map((layer) => {
    const progress = share(layer.blob.size);
    return async (own: AbortSignal) => void sent.set(layer.diffId, await sendLayer(layer, progress, own));
  });
  const ofConfig = share(manifest.config.size);
  const tasks = [async (own: AbortSignal) => void (await send(manifest.config, ofConfig, own)), ...work];
  await inParallel(tasks, PARALLEL, signal, (task, own) => task(own));

  const blobs = layers.map((layer) => sent.get(layer.diffId)!);
  const { descriptor, manifestText } = await withLayers(store, found, blobs);
  const answer = await remote.session.send(
    {
      method: 'PUT',
      at: `/v2/${remote.repository}/manifests/${tag}`,
      headers: { 'content-type': descriptor.mediaType },
      body: manifestText,
    },
    signal,
  );
  finish(remote, answer, [200, 201], `the manifest of ${path}`);
  return { reference, digest: descriptor.digest };
}

/** Fails with BLOB_CORRUPT. */
async function verify({ blobs }: Store, { digest }: Descriptor): Promise<void> {
  const chunks = blobs.stream(digest)[Symbol.asyncIterator]();
  while (!(await chunks.next()).done);
}
