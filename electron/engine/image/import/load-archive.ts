import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Digest } from '../../base/digest.ts';
import { EngineError } from '../../base/errors.ts';
import type { WorkerPool } from '../../base/worker-pool.ts';
import type { Lease, Store } from '../../store/store.ts';
import { quoteForMessage } from '../../base/go-quote.ts';
import type { Platform } from '../oci.ts';
import { unknownArchive } from './archive-error.ts';
import { openArchive } from './archive-source.ts';
import type { ImageSource } from './image-source.ts';
import type { ImportContext, VerifiedImage } from './import-context.ts';
import { importDocker, isDockerArchive } from './import-docker.ts';
import { importLegacy, isLegacyArchive } from './import-legacy.ts';
import { importOci, isOciLayout } from './import-oci.ts';
import { openLayout } from './layout-source.ts';

export interface LoadOptions {
  readonly pool: WorkerPool;
  /** Which image of a multi-platform index to load; else the host's. */
  readonly platform?: Platform | undefined;
  readonly now?: (() => Date) | undefined;
  /** Bytes of the archive read so far, and how many there are where that is known. */
  readonly onProgress?: ((read: number, total: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadedImages {
  /** Digests of the manifests, in the archive's order. */
  readonly images: readonly Digest[];
  /** Full references the images have now, sorted. */
  readonly references: readonly string[];
}

const CHUNK = 1024 * 1024;

/**
 * Loads images from an archive's path or stream, or from an OCI layout directory: OCI archives, archives of `docker save`
 * (also those from before Docker 1.10), plain or compressed; the content decides. Every digest, size and diffID is
 * verified first; then all images are recorded and tagged. On failure none is, and what was stored by then is unreferenced.
 *
 * Fails with IMAGE_ARCHIVE_UNKNOWN, IMAGE_ARCHIVE_CORRUPT, IMAGE_ARCHIVE_TOO_LARGE, IMAGE_DIGEST_MISMATCH,
 * IMAGE_PLATFORM_MISSING, REFERENCE_INVALID, as the store does, or with an AbortError.
 */
export async function loadArchive(
  store: Store,
  from: string | AsyncIterable<Uint8Array>,
  options: LoadOptions,
): Promise<LoadedImages> {
  using lease = store.lease('load');
  const { pool, platform, signal } = options;
  const source = await openSource(store, lease, from, options);
  const images = await readImages({ store, pool, lease, platform, signal }, source);
  signal?.throwIfAborted();
  const storedAt = (options.now ?? (() => new Date()))().toISOString();
  for (const { descriptor, config, createdAt } of images) {
    await store.images.put({ descriptor, config, createdAt, storedAt, origin: 'loaded' });
  }
  for (const { descriptor, references } of images) {
    if (references.length > 0) await store.references.set(references, descriptor);
  }
  return {
    images: images.map((image) => image.descriptor.digest),
    references: [...new Set(images.flatMap((image) => image.references))].sort(),
  };
}

async function readImages(context: ImportContext, source: ImageSource): Promise<readonly VerifiedImage[]> {
  if (await isOciLayout(source)) return importOci(context, source);
  if (await isDockerArchive(source)) return importDocker(context, source);
  if (await isLegacyArchive(source)) return importLegacy(context, source);
  throw unknownArchive(source.name, 'it has neither index.json nor manifest.json');
}

async function openSource(
  store: Store,
  lease: Lease,
  from: string | AsyncIterable<Uint8Array>,
  { onProgress, signal }: LoadOptions,
): Promise<ImageSource> {
  if (typeof from !== 'string') {
    return openArchive(store, lease, 'The stream', counted(from, undefined, onProgress), signal);
  }
  const found = await stat(from);
  const name = quoteForMessage(basename(from));
  if (found.isDirectory()) return openLayout(store, lease, name, from, signal);
  if (!found.isFile()) {
    throw new EngineError('IMAGE_ARCHIVE_UNKNOWN', `${name} is neither a file nor a directory.`, {
      hint: 'Pipes can be read from standard input.',
    });
  }
  const chunks = createReadStream(from, { highWaterMark: CHUNK });
  return openArchive(store, lease, name, counted(chunks, found.size, onProgress), signal);
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  total: number | undefined,
  onProgress: LoadOptions['onProgress'],
): AsyncIterable<Uint8Array> {
  let read = 0;
  for await (const chunk of chunks) {
    read += chunk.length;
    onProgress?.(read, total);
    yield chunk;
  }
}
