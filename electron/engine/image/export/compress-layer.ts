import { stat } from 'node:fs/promises';
import type { Digest } from '../../base/digest.ts';
import { EngineError } from '../../base/errors.ts';
import type { WorkerPool } from '../../base/worker-pool.ts';
import type { Layer } from '../../layer/layer.ts';
import type { Lease, Store } from '../../store/store.ts';
import { MEDIA_TYPE, type Descriptor } from '../oci.ts';
import type { Compression, CompressBlockInput } from './compress-block.ts';

export type { Compression } from './compress-block.ts';

/** Small enough that pieces of all workers fit in memory, large enough that a file compresses nearly as well as in one. */
const BLOCK = 2 * 1024 * 1024;

/**
 * The layer compressed, as a blob of the store that `lease` keeps. Workers compress its pieces side by side. The same layer
 * gives the same bytes with the same Node, however many workers there are: no times or names are in them.
 * Fails with BLOB_CORRUPT where the layer is not what its diffID says, as the store does, or with an AbortError.
 */
export async function compressLayer(
  { store, pool, lease }: { readonly store: Store; readonly pool: WorkerPool; readonly lease: Lease },
  { diffId }: Layer,
  compression: Compression,
  signal?: AbortSignal,
): Promise<Descriptor> {
  const path = await store.layers.uncompressedPath(diffId);
  const failed = new AbortController();
  const own = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const checking = pool.run<Digest>('layer.digest', { path }, { signal: own });
  try {
    const [actual, { digest, size }] = await Promise.all([
      checking,
      store.blobs.putStream(compressedBlocks(pool, path, compression, own), {}, own),
    ]);
    if (actual !== diffId) throw corrupt(diffId, actual);
    lease.add(digest);
    return { mediaType: compression === 'gzip' ? MEDIA_TYPE.layerGzip : MEDIA_TYPE.layerZstd, digest, size };
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

/** In the order of the file; no more pieces than there are workers, and one, are under way. */
async function* compressedBlocks(
  pool: WorkerPool,
  path: string,
  compression: Compression,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size } = await stat(path);
  const pending: Promise<Uint8Array>[] = [];
  for (let start = 0; start < size || pending.length > 0;) {
    while (start < size && pending.length <= pool.size) {
      const length = Math.min(BLOCK, size - start);
      const input: CompressBlockInput = { path, start, length, compression };
      const block = pool.run<Uint8Array>('layer.compress', input, { signal });
      // Whoever fails first is heard; the others end with it.
      block.catch(() => undefined);
      pending.push(block);
      start += length;
    }
    yield await pending.shift()!;
  }
}

function corrupt(diffId: Digest, actual: Digest): EngineError {
  return new EngineError('BLOB_CORRUPT', `Layer ${diffId} of the store has changed: it is ${actual} now.`, {
    hint: 'Build, load or pull the image again.',
  });
}
