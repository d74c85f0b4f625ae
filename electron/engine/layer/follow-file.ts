import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Digest } from '../base/digest.ts';
import type { JobContext } from '../base/worker-job.ts';
import { cancellation } from './cancellation.ts';

/**
 * How far a file has been written, told from one worker thread to another: the number of bytes that may be read, and its
 * complement once they are all.
 */
export type WriteProgress = SharedArrayBuffer;

export interface FollowFileInput {
  readonly path: string;
  readonly progress: WriteProgress;
}

const CHUNK = 1024 * 1024;
/** How often a follower that hears nothing looks whether it is still wanted. */
const PATIENCE_MS = 100;

export function createWriteProgress(): WriteProgress {
  return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
}

/** Tells the follower that the file can be read up to `position`, which with `isAll` is its end. */
export function publishProgress(progress: WriteProgress, position: number, isAll = false): void {
  const state = new BigInt64Array(progress);
  Atomics.store(state, 0, isAll ? ~BigInt(position) : BigInt(position));
  Atomics.notify(state, 0);
}

/**
 * Worker job `layer.hash`: the digest of a file that another worker is writing, taken while it grows. It waits for the
 * writer, so the writer's job must be asked for first: else it would wait for a worker that waits for this one.
 */
export function followFileJob(
  { path, progress }: FollowFileInput,
  context: Pick<JobContext, 'cancelled'>,
): Digest {
  const state = new BigInt64Array(progress);
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  const hash = createHash('sha256');
  let file: number | undefined;
  try {
    for (let done = 0; ;) {
      if (context.cancelled()) throw cancellation();
      const now = Atomics.load(state, 0);
      const end = Number(now < 0n ? ~now : now);
      // The writer makes the file before it tells of any byte.
      if (done < end) {
        file ??= openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
        const length = readSync(file, buffer, 0, Math.min(CHUNK, end - done), done);
        if (length === 0) throw new Error(`${path} is shorter than what was written to it.`);
        hash.update(buffer.subarray(0, length));
        done += length;
      } else if (now < 0n) return `sha256:${hash.digest('hex')}`;
      else Atomics.wait(state, 0, now, PATIENCE_MS);
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
