import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { inParallel } from '../base/in-parallel.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { verifyLayers } from '../image/import/verify-layers.ts';
import { MAX_DOCUMENT } from '../image/limits.ts';
import type { Descriptor, Platform } from '../image/oci.ts';
import { parseConfig } from '../image/parse-image.ts';
import { normalizeReference, parseReference } from '../image/reference.ts';
import { resolveManifest, type ManifestSource } from '../image/resolve-manifest.ts';
import type { Lease, Store } from '../store/store.ts';
import { fetchBlob } from './fetch-blob.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { wrongContent } from './registry-error.ts';
import type { Session } from './session.ts';
import type { OnTransfer } from './transfer-progress.ts';

export interface PullServices {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly now: () => Date;
}

export interface PullOptions {
  /** Which image of an index; else the host's. */
  readonly platform?: Platform | undefined;
  /** False leaves the reference as it is. */
  readonly tag?: boolean | undefined;
  readonly onTransfer?: OnTransfer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A repository as one registry has it; a mirror may have it under another name. */
export interface Remote {
  readonly session: Session;
  readonly repository: string;
}

export interface PulledImage {
  /** In full. */
  readonly reference: string;
  readonly descriptor: Descriptor;
}

const PARALLEL = 4;

/**
 * Pulls one image from `remote` and tags it as the reference says. Every blob is compared with its digest and size as it comes, every layer with its diffID;
 * blobs that are there are not fetched. On failure nothing is recorded or tagged. `lease` keeps the image for the caller.
 *
 * Fails with REFERENCE_INVALID, REGISTRY_*, IMAGE_INVALID, IMAGE_PLATFORM_MISSING, as the store does, or with an AbortError.
 */
export async function pullImage(
  { store, pool, now }: PullServices,
  { session, repository }: Remote,
  text: string,
  lease: Lease,
  { platform, tag: tagged = true, onTransfer, signal }: PullOptions = {},
): Promise<PulledImage> {
  const reference = normalizeReference(text);
  const { tag, digest } = parseReference(reference);
  const top = await fetchManifest(session, repository, digest ?? tag!, signal);
  const documents = new Map<Digest, Buffer>([[top.digest, top.bytes]]);
  const source: ManifestSource = {
    async read(named) {
      const bytes =
        documents.get(named.digest) ?? (await fetchManifest(session, repository, named.digest, signal)).bytes;
      documents.set(named.digest, bytes);
      if (bytes.length === named.size) return bytes;
      throw wrongContent(
        `Manifest ${named.digest}`,
        `has ${bytes.length} bytes, not ${named.size} as stated`,
      );
    },
    label: (named) => ({ name: `Manifest ${named.digest}`, code: 'IMAGE_INVALID' }),
  };
  const start = {
    digest: top.digest,
    size: top.bytes.length,
    ...(top.mediaType ? { mediaType: top.mediaType } : {}),
  };
  const { descriptor, manifest } = await resolveManifest(source, start, platform);
  const blobs = [
    ...new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob])).values(),
  ];
  lease.add(descriptor.digest, ...blobs.map((blob) => blob.digest));
  if (manifest.config.size > MAX_DOCUMENT)
    throw wrongContent(`Config ${manifest.config.digest}`, `has more than ${MAX_DOCUMENT} bytes`);

  const missing = blobs.filter((blob) => store.blobs.size(blob.digest) !== blob.size);
  const total = missing.reduce((sum, blob) => sum + blob.size, 0);
  let current = 0;
  await inParallel(missing, PARALLEL, signal, async (blob, own) => {
    const bytes = counted(fetchBlob(session, repository, blob, own), (count) => {
      current += count;
      onTransfer?.(Math.min(current, total), total);
    });
    await store.blobs.putStream(bytes, blob, own).catch((error: unknown) => {
      throw isBlobError(error)
        ? wrongContent(`Blob ${blob.digest} of ${session.host}`, 'is not what its digest says', error)
        : error;
    });
  });

  const label = { name: `Config ${manifest.config.digest}`, code: 'IMAGE_INVALID' };
  const configBytes = await store.blobs.read(manifest.config.digest, MAX_DOCUMENT);
  const config = parseConfig(configBytes, manifest.layers.length, label);
  const layers = manifest.layers.map((layer) => ({ member: layer.digest, descriptor: layer }));
  await verifyLayers({ store, pool, lease, platform, signal }, config, layers).catch((error: unknown) => {
    throw isLayerError(error) ? new EngineError('IMAGE_INVALID', error.message, { cause: error }) : error;
  });
  await store.blobs.put(documents.get(descriptor.digest)!);
  signal?.throwIfAborted();
  await store.images.put({
    descriptor,
    config: manifest.config.digest,
    createdAt: config.created,
    storedAt: now().toISOString(),
    origin: 'pulled',
  });
  if (tagged) await store.references.set([reference], descriptor);
  return { reference, descriptor };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    yield chunk;
    count(chunk.length);
  }
}

function isBlobError(error: unknown): boolean {
  return error instanceof EngineError && /^BLOB_(SIZE|DIGEST)_MISMATCH$/.test(error.code);
}

function isLayerError(error: unknown): error is EngineError {
  return error instanceof EngineError && /^IMAGE_(DIGEST_MISMATCH|ARCHIVE_CORRUPT)$/.test(error.code);
}
