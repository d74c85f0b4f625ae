import { openAsBlob } from 'node:fs';
import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { portableImage } from '../image/export/portable-image.ts';
import type { Descriptor } from '../image/oci.ts';
import { normalizeTag, parseReference } from '../image/reference.ts';
import type { Lease, Store } from '../store/store.ts';
import { checkStep } from './follow.ts';
import { inParallel } from './in-parallel.ts';
import { knownRepositories } from './known-repositories.ts';
import type { PullOptions } from './pull-image.ts';
import { badAnswer, isTransient } from './registry-error.ts';
import { pause, RETRIES, type Session } from './session.ts';

export interface PushedImage {
  /** In full, with its tag. */
  readonly reference: string;
  /** Of the manifest as pushed: layers that lie uncompressed in the store are compressed on the way. */
  readonly digest: Digest;
}

const PARALLEL = 4;
/** Bytes a second below which an upload counts as hanging. */
const SLOWEST = 16 * 1024;

/**
 * Pushes an image and tags it there (distribution spec, pushing). Blobs that the registry has are not sent; those that
 * another of its repositories is known to have are mounted. The tag is set last, so that it never names half an image.
 * Fails with REFERENCE_INVALID, REGISTRY_*, as readImage does, or with an AbortError.
 */
export async function pushImage(
  store: Store,
  session: Session,
  image: Digest,
  text: string,
  lease: Lease,
  { onTransfer, signal }: Pick<PullOptions, 'onTransfer' | 'signal'> = {},
): Promise<PushedImage> {
  const reference = normalizeTag(text);
  const { domain, path, tag } = parseReference(reference);
  const portable = await portableImage(store, lease, { digest: image, references: [] }, 'compressed', signal);
  const { manifest, descriptor, manifestText } = portable;
  const blobs = [
    ...new Map([...manifest.layers, manifest.config].map((blob) => [blob.digest, blob])).values(),
  ];
  const elsewhere = await knownRepositories(store, domain, path);
  const total = blobs.reduce((sum, blob) => sum + blob.size, 0);
  let current = 0;
  await inParallel(blobs, PARALLEL, signal, async (blob, own) => {
    await sendBlob(store, session, path, blob, elsewhere.get(blob.digest), own);
    onTransfer?.((current += blob.size), total);
  });
  const response = await session.send(
    {
      method: 'PUT',
      at: `/v2/${path}/manifests/${tag}`,
      headers: { 'content-type': descriptor.mediaType },
      body: manifestText,
    },
    signal,
  );
  finish(session, response, [200, 201], `the manifest of ${path}`);
  return { reference, digest: descriptor.digest };
}

async function sendBlob(
  store: Store,
  session: Session,
  repository: string,
  blob: Descriptor,
  from: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { digest } = blob;
  const head = await session.send({ method: 'HEAD', at: `/v2/${repository}/blobs/${digest}` }, signal);
  if (head.status === 200) return;
  for (let retry = 0; ; retry++) {
    try {
      return await upload(store, session, repository, blob, from, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (retry === RETRIES || !isTransient(error)) throw error;
      await pause(session.timing, retry, error, signal);
    }
  }
}

async function upload(
  store: Store,
  session: Session,
  repository: string,
  { digest, size }: Descriptor,
  from: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const mount = from === undefined ? '' : `?mount=${digest}&from=${encodeURIComponent(from)}`;
  const begun = await session.send(
    { method: 'POST', at: `/v2/${repository}/blobs/uploads/${mount}`, once: true },
    signal,
  );
  finish(session, begun, [201, 202], `an upload to ${repository}`);
  if (begun.status === 201 && from !== undefined) return;
  const place = checkStep(new URL(begun.url), begun.headers.get('location'));
  place.searchParams.set('digest', digest);
  const answer = await session.send(
    {
      method: 'PUT',
      at: place,
      headers: { 'content-type': 'application/octet-stream' },
      body: await openAsBlob(store.blobs.path(digest)),
      answerMs: session.timing.answer + (size / SLOWEST) * 1000,
      once: true,
    },
    signal,
  );
  finish(session, answer, [201, 204], `the blob ${digest}`);
}

/** Lets the answer go if it is one of the good ones. Fails with REGISTRY_REFUSED. */
function finish(session: Session, response: Response, good: readonly number[], what: string): void {
  void response.body?.cancel();
  if (good.includes(response.status)) return;
  if (response.status < 400) throw badAnswer(session.host, `answered status ${response.status} for ${what}`);
  throw new EngineError('REGISTRY_REFUSED', `${session.host} refused ${what} (status ${response.status}).`, {
    hint: 'Check that you may push there, and that it takes images of this kind.',
  });
}
