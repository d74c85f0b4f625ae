import { EngineError } from '../base/errors.ts';
import type { Descriptor } from '../image/oci.ts';
import type { Answer } from './answer.ts';
import { badAnswer, isTransient, wrongContent } from './registry-error.ts';
import type { Session } from './session.ts';
import { pause, RETRIES } from './timing.ts';

/** A connection that brings at least this much before it breaks does not count as failed. */
const PROGRESS = 32 * 1024;

/**
 * The bytes of a blob in order, as many as its descriptor says at most one chunk more. A broken connection is taken up
 * where it broke (RFC 9110, 14.2), also with registries that ignore ranges. The caller compares the digest.
 * Fails with REGISTRY_CONTENT_WRONG where another length is announced, or as sessions do.
 */
export async function* fetchBlob(
  session: Session,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  let failures = 0;
  for (;;) {
    const begun = offset;
    try {
      const range: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
      const at = `/v2/${repository}/blobs/${digest}`;
      const answer = await session.send({ method: 'GET', at, headers: range, once: true }, signal);
      let skip = checkAnswer(session.host, answer, digest, size, offset);
      for await (const chunk of answer.body()) {
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        offset += rest.length;
        if (rest.length > 0) yield rest;
      }
      if (offset >= size) return;
      throw new EngineError(
        'REGISTRY_CONNECTION_LOST',
        `${session.host} sent ${offset} of ${size} bytes of ${digest}.`,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (offset - begun >= PROGRESS) failures = 0;
      if (!isTransient(error) || failures === RETRIES) throw error;
      await pause(session.timing, failures++, error, signal);
    }
  }
}

/** Answers how many bytes come that are there already. */
function checkAnswer(host: string, answer: Answer, digest: string, size: number, offset: number): number {
  const refuse = (error: EngineError): never => {
    answer.discard();
    throw error;
  };
  const { status } = answer;
  if (status === 404) refuse(badAnswer(host, `does not have the blob ${digest} that its manifest names`));
  const isPart = offset > 0 && status === 206;
  if (status !== 200 && !isPart) refuse(badAnswer(host, `answered status ${status} for the blob ${digest}`));
  if ((answer.header('content-encoding') ?? 'identity') !== 'identity')
    refuse(badAnswer(host, `sent the blob ${digest} encoded, which was not asked for`));
  if (isPart && !answer.header('content-range')?.startsWith(`bytes ${offset}-`))
    refuse(badAnswer(host, `sent another part of the blob ${digest} than was asked for`));
  const length = answer.header('content-length');
  if (length !== undefined && Number(length) !== (isPart ? size - offset : size))
    refuse(
      wrongContent(`Blob ${digest} of ${host}`, `is ${size} bytes by its manifest, but not by its header`),
    );
  return isPart ? 0 : offset;
}
