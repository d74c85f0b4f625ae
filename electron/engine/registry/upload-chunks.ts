import { EngineError } from '../base/errors.ts';
import type { Answer } from './answer.ts';
import { checkStep } from './follow.ts';
import type { Remote } from './pull-image.ts';
import { finish, refused } from './refused.ts';
import { badAnswer, isTransient } from './registry-error.ts';
import { pause, RETRIES } from './timing.ts';
import type { UploadOptions, UploadOutcome, UploadSource } from './upload-blob.ts';

/** How registries say that they know no chunks, or not in the way of the specification. */
const NO_CHUNKS = [400, 404, 405, 411, 415, 416, 501];

/**
 * Sends a blob in chunks to an upload that was begun at `place` (distribution spec, pushing a blob in chunks). After a broken
 * connection the registry is asked how far it came. Fails with REGISTRY_CONNECTION_LOST where the upload has to begin again.
 */
export async function uploadInChunks(
  remote: Remote,
  { path, digest, size }: UploadSource,
  place: URL,
  { chunkSize, onSent, signal }: Pick<UploadOptions, 'chunkSize' | 'onSent' | 'signal'>,
): Promise<UploadOutcome> {
  const { session } = remote;
  let offset = 0;
  let resumed = false;

  const moveOn = (answer: Answer, end: number, reached: number): void => {
    const location = answer.header('location');
    if (location !== undefined) place = checkStep(answer.url, location, session.origin);
    if (reached > end) throw badAnswer(session.host, 'has more of an upload than was sent');
    offset = reached;
    onSent?.(offset);
  };
  const end = (): number => Math.min(size, offset + chunkSize);

  async function askHowFar(): Promise<void> {
    const answer = await session.send({ method: 'GET', at: place, once: true }, signal);
    answer.discard();
    if (answer.status !== 204) throw beginAgain(remote);
    resumed = true;
    moveOn(answer, end(), rangeEnd(answer) ?? 0);
  }

  async function sendChunk(): Promise<UploadOutcome> {
    const [from, to] = [offset, end()];
    let sent = from;
    const body = { path, start: from, end: to, onSent: (bytes: number) => onSent?.((sent += bytes)) };
    const headers = { 'content-type': 'application/octet-stream', 'content-range': `${from}-${to - 1}` };
    const answer = await session.send({ method: 'PATCH', at: place, headers, body, once: true }, signal);
    answer.discard();
    if (answer.status === 413) return 'too large';
    if (from === 0 && NO_CHUNKS.includes(answer.status)) return 'no chunks';
    // What was sent does not follow what is there.
    if (answer.status === 416) throw beginAgain(remote);
    if (answer.status !== 202) throw refused(remote, `a part of the blob ${digest}`, answer.status);
    moveOn(answer, to, rangeEnd(answer) ?? to);
    if (offset <= from) throw badAnswer(session.host, 'took nothing of a part of a blob');
    return 'done';
  }

  async function close(): Promise<UploadOutcome> {
    const at = new URL(place);
    at.searchParams.set('digest', digest);
    const answer = await session.send({ method: 'PUT', at, body: '', once: true }, signal);
    // What it said that it had may not have been what was sent.
    if (resumed && [400, 404, 416].includes(answer.status)) {
      answer.discard();
      throw beginAgain(remote);
    }
    finish(remote, answer, [201, 204], `the blob ${digest}`);
    return 'done';
  }

  let broken = false;
  for (let failures = 0; ;) {
    try {
      if (broken) await askHowFar();
      broken = false;
      if (offset === size) return await close();
      const outcome = await sendChunk();
      if (outcome !== 'done') return outcome;
      failures = 0;
    } catch (error) {
      signal?.throwIfAborted();
      if (failures === RETRIES || !isTransient(error) || isEnd(error)) throw error;
      await pause(session.timing, failures++, error, signal);
      broken = true;
    }
  }
}

/** How many bytes the registry has, by its `Range: 0-N`; `0-0` stands for none with registries that count so. */
function rangeEnd(answer: Answer): number | undefined {
  const [, last] = /^(?:bytes=)?0-(\d{1,15})$/.exec(answer.header('range') ?? '') ?? [];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}

const BEGIN_AGAIN = Symbol('begin again');

function beginAgain({ session }: Remote): EngineError {
  return new EngineError('REGISTRY_CONNECTION_LOST', `${session.host} has lost an upload that broke off.`, {
    hint: 'Try again.',
    cause: BEGIN_AGAIN,
  });
}

function isEnd(error: unknown): boolean {
  return error instanceof EngineError && error.cause === BEGIN_AGAIN;
}
