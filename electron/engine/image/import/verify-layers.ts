import { EngineError } from '../../base/errors.ts';
import { indexLayer } from '../../layer/index-layer.ts';
import type { Layer } from '../../layer/layer.ts';
import type { LayerFile } from '../../layer/write-layer.ts';
import type { Descriptor, ImageConfig } from '../oci.ts';
import { ociLayerType } from '../parse-image.ts';
import { corruptMember, mismatch } from './archive-error.ts';
import type { ImportContext } from './import-context.ts';

/** A layer blob in the content store, and the member it came from. */
export interface LayerBlob {
  readonly member: string;
  readonly descriptor: Descriptor;
}

/** What a compressed layer may grow to: far more than any honest one does, far less than a bomb would. */
const MAX_RATIO = 300;
const ALWAYS_ALLOWED = 4 * 1024 ** 3;
/** When a layer was made, where nobody says. */
export const EPOCH = '1970-01-01T00:00:00Z';

/**
 * Reads every layer of an image, compares it with the diffID that the config has for it, and records it in the store.
 * Layers that the store knows already are not read again. Fails with IMAGE_DIGEST_MISMATCH or IMAGE_ARCHIVE_CORRUPT.
 */
export async function verifyLayers(
  context: ImportContext,
  config: ImageConfig,
  blobs: readonly LayerBlob[],
): Promise<void> {
  const times = layerTimes(config);
  const todo = blobs.map((blob, index) => ({ blob, diffId: config.rootfs.diff_ids[index]!, index }));
  const failed = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, failed.signal]) : failed.signal;
  const work = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const { blob, diffId, index } = next;
      context.lease.add(diffId);
      if (context.store.layers.get(diffId)?.blob.digest === blob.descriptor.digest) continue;
      const { layer, toc } = await readLayer(
        { ...context, signal },
        blob,
        times[index] ?? config.created ?? EPOCH,
      );
      if (layer.diffId !== diffId) {
        throw mismatch(blob.member, `holds layer ${layer.diffId}, but the image's config says ${diffId}`);
      }
      await context.store.layers.put(layer, toc);
    }
  };
  const workers = Array.from({ length: context.pool.size }, () =>
    work().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(workers);
  context.signal?.throwIfAborted();
  if (results.some((result) => result.status === 'rejected')) throw failed.signal.reason;
}

/** Reads one layer of the content store and answers what it is. Fails with IMAGE_ARCHIVE_CORRUPT. */
export async function readLayer(
  { store, pool, signal }: ImportContext,
  { member, descriptor }: LayerBlob,
  createdAt: string,
): Promise<{ readonly layer: Layer; readonly toc: string }> {
  const maxBytes = Math.max(ALWAYS_ALLOWED, descriptor.size * MAX_RATIO);
  let file: LayerFile;
  try {
    file = await indexLayer(pool, { path: store.blobs.path(descriptor.digest), maxBytes }, signal);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw corruptMember(member, `is not a good layer: ${error.message.replace(/\.$/, '')}`, error);
  }
  const { diffId, size, contentDigest, toc } = file;
  const mediaType = ociLayerType(descriptor.mediaType) ?? descriptor.mediaType;
  const blob = { digest: descriptor.digest, size: descriptor.size, mediaType };
  return { layer: { diffId, contentDigest, blob, size, createdAt }, toc };
}

function layerTimes(config: ImageConfig): readonly (string | undefined)[] {
  return (config.history ?? []).filter((entry) => !entry.empty_layer).map((entry) => entry.created);
}
