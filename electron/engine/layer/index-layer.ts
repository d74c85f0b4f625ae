import { createHash } from 'node:crypto';
import type { JobContext } from '../base/worker-job.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { cancellation } from './cancellation.ts';
import { decompressed } from './decompress.ts';
import { layerEntry } from './entry-path.ts';
import { fileChunks } from './file-chunks.ts';
import { hashedOutput } from './hashed-output.ts';
import { createLayerPaths } from './layer-paths.ts';
import { createTarListing, limited } from './tar-listing.ts';
import { contentDigest, serializeToc } from './toc-codec.ts';
import type { LayerFile } from './write-layer.ts';

export interface IndexLayerInput {
  /** The layer's blob: a tar, plain or compressed with gzip, zstd, bzip2 or xz; its content decides. */
  readonly path: string;
  /** Where to write the uncompressed tar, if it is wanted. Not synced. */
  readonly tarPath?: string;
  /** Refuse layers that are larger uncompressed; 64 GiB if left out. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 ** 3;

/**
 * Reads a layer from outside in a worker thread and answers what it is: the digest and size of its uncompressed tar and its
 * table of contents, with names made safe, whiteouts told apart and overlayfs's own attributes dropped. Nothing of it is
 * trusted: fails with LAYER_CORRUPT, LAYER_TRUNCATED, LAYER_TOO_LARGE, LAYER_TOO_MANY_ENTRIES, LAYER_UNSUPPORTED_ENTRY,
 * LAYER_UNSUPPORTED_COMPRESSION, LAYER_PATH_ESCAPE, LAYER_BAD_PATH, LAYER_BAD_WHITEOUT or SYMLINK_LOOP. What was written
 * to `tarPath` by then is the caller's to discard.
 */
export function indexLayer(
  pool: WorkerPool,
  input: IndexLayerInput,
  signal?: AbortSignal,
): Promise<LayerFile> {
  return pool.run<LayerFile>('layer.index', input, { signal });
}

/** The worker's side of {@link indexLayer}. */
export async function indexLayerJob(
  input: IndexLayerInput,
  context: Pick<JobContext, 'cancelled'>,
): Promise<LayerFile> {
  using output = input.tarPath === undefined ? undefined : hashedOutput(input.tarPath);
  const hash = createHash('sha256');
  let size = 0;
  const place = createLayerPaths();
  const listing = createTarListing((member) => {
    const entry = layerEntry(member);
    return entry && place(entry);
  });
  const chunks = decompressed(fileChunks(input.path));
  for await (const chunk of limited(chunks, input.maxBytes ?? DEFAULT_MAX_BYTES)) {
    if (context.cancelled()) throw cancellation();
    listing.push(chunk);
    if (output) output.write(chunk);
    else hash.update(chunk);
    size += chunk.length;
  }
  const toc = listing.finish();
  const diffId = output ? output.finish().digest : (`sha256:${hash.digest('hex')}` as const);
  return { diffId, size, contentDigest: contentDigest(toc), toc: serializeToc(toc) };
}
