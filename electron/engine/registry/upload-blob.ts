import type { Descriptor } from '../image/oci.ts';
import { finish, refused } from './refused.ts';
import { checkStep } from './follow.ts';
import type { Remote } from './pull-image.ts';
import { isTransient } from './registry-error.ts';
import { pause, RETRIES } from './timing.ts';
import { uploadInChunks } from './upload-chunks.ts';

export interface UploadSource extends Pick<Descriptor, 'digest' | 'size'> {
  /** A file with exactly these bytes. */
  readonly path: string;
}

export interface UploadOptions {
  /** A repository of the same registry that is believed to have the blob. */
  readonly from?: string | undefined;
  /** Larger blobs are sent in chunks of this many bytes, so that a broken connection costs one of them only. */
  readonly chunkSize: number;
  /** Hears how many bytes of the blob are there. */
  readonly onSent?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a registry that takes no large requests is sent at a time. */
const SMALL_CHUNK = 4 * 1024 * 1024;

/** Whether the repository has the blob. */
export async function hasBlob(
  { session, repository }: Remote,
  digest: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const answer = await session.send({ method: 'HEAD', at: `/v2/${repository}/blobs/${digest}` }, signal);
  answer.discard();
  return answer.status === 200;
}

/** Has the registry take a blob from another of its repositories; false where that does not have it, or may not be read. */
export async function mountBlob(
  { session, repository }: Remote,
  digest: string,
  from: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const at = `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
  const answer = await session.send({ method: 'POST', at, once: true }, signal);
  answer.discard();
  return answer.status === 201;
}

/**
 * Brings a blob into a repository (distribution spec, pushing blobs): not at all where it is there, by mounting it from
 * another repository, as a whole, or in chunks. Registries that want the other way of the two get it. A broken upload is
 * taken up where it broke, or begun again. Fails with REGISTRY_REFUSED, or as sessions do.
 */
export async function uploadBlob(remote: Remote, blob: UploadSource, options: UploadOptions): Promise<void> {
  const { session } = remote;
  let way: Way = { kind: blob.size > options.chunkSize ? 'chunks' : 'whole', chunkSize: options.chunkSize };
  for (let failures = 0, turns = 0; ;) {
    try {
      if (await hasBlob(remote, blob.digest, options.signal)) return;
      const outcome = await attempt(remote, blob, way, options);
      if (outcome === 'done') return;
      way = otherWay(way, outcome);
      if (++turns > RETRIES)
        throw refused(remote, `blob ${blob.digest}`, outcome === 'too large' ? 413 : 405);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (failures === RETRIES || !isTransient(error)) throw error;
      await pause(session.timing, failures++, error, options.signal);
    }
  }
}

interface Way {
  readonly kind: 'whole' | 'chunks';
  readonly chunkSize: number;
}

/** What the registry makes of a way to send a blob. */
export type UploadOutcome = 'done' | 'too large' | 'no chunks';

function otherWay({ kind, chunkSize }: Way, outcome: Exclude<UploadOutcome, 'done'>): Way {
  if (outcome === 'no chunks') return { kind: 'whole', chunkSize };
  return { kind: 'chunks', chunkSize: kind === 'whole' ? Math.min(SMALL_CHUNK, chunkSize) : chunkSize / 4 };
}

async function attempt(
  remote: Remote,
  blob: UploadSource,
  way: Way,
  { from, onSent, signal }: UploadOptions,
): Promise<UploadOutcome> {
  const { session, repository } = remote;
  const { digest, size, path } = blob;
  const mount = from === undefined ? '' : `?mount=${digest}&from=${encodeURIComponent(from)}`;
  const at = `/v2/${repository}/blobs/uploads/${mount}`;
  const begun = await session.send({ method: 'POST', at, once: true }, signal);
  begun.discard();
  if (begun.status === 201 && from !== undefined) return 'done';
  if (begun.status !== 202) throw refused(remote, `an upload to ${repository}`, begun.status);
  const place = checkStep(begun.url, begun.header('location'), session.origin);
  if (way.kind === 'chunks') {
    // Registries that store chunks as they come have a least size for them.
    const least = Number(begun.header('oci-chunk-min-length') ?? 0);
    const chunkSize = Math.max(way.chunkSize, Number.isSafeInteger(least) ? least : 0);
    return uploadInChunks(remote, blob, place, { chunkSize, onSent, signal });
  }
  let sent = 0;
  const part = { path, start: 0, end: size, onSent: (bytes: number) => onSent?.((sent += bytes)) };
  place.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await session.send({ method: 'PUT', at: place, headers, body: part, once: true }, signal);
  if (answer.status === 413) {
    answer.discard();
    return 'too large';
  }
  finish(remote, answer, [201, 204], `the blob ${digest}`);
  return 'done';
}
