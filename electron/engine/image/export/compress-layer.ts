import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Digest } from '../../base/digest.ts';
import type { Layer } from '../../layer/layer.ts';
import type { Lease, Store } from '../../store/store.ts';
import { MEDIA_TYPE, type Descriptor } from '../oci.ts';

export type Compression = 'gzip' | 'zstd';

/**
 * The layer compressed, as a blob of the store that `lease` keeps. The same layer gives the same bytes with the same Node:
 * no times or names are in them. Fails as the store does, or with an AbortError.
 */
export async function compressLayer(
  store: Store,
  lease: Lease,
  layer: Layer,
  compression: Compression,
  signal?: AbortSignal,
): Promise<Descriptor> {
  const source = await store.layers.uncompressedPath(layer.diffId);
  const target = store.blobs.ingestPath();
  const hash = createHash('sha256');
  let size = 0;
  try {
    await pipeline(
      createReadStream(source, { highWaterMark: 1024 * 1024 }),
      compression === 'gzip' ? createGzip() : createZstdCompress(),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(target),
      { signal: signal! },
    );
  } catch (error) {
    await store.blobs.discard(target);
    throw error;
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  lease.add(digest);
  await store.blobs.commit(target, digest, size);
  return { mediaType: compression === 'gzip' ? MEDIA_TYPE.layerGzip : MEDIA_TYPE.layerZstd, digest, size };
}
