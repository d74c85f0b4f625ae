import { createHash } from 'node:crypto';
import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { writeAll, type StoreFile } from './durable-fs.ts';

export interface ExpectedBlob {
  readonly digest?: Digest;
  readonly size?: number;
}

/**
 * Writes what comes, hashing it on the way, and answers what it was. Stops with BLOB_SIZE_MISMATCH at the first byte over
 * the expected size or at a source that ends before it, and with BLOB_DIGEST_MISMATCH at other content. The source is told
 * to stop when this fails or `signal` fires, but not waited for: it may be the very thing that hangs.
 */
export async function writeStream(
  file: StoreFile,
  source: AsyncIterable<Uint8Array>,
  expected: ExpectedBlob,
  signal: AbortSignal | undefined,
): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const iterator = source[Symbol.asyncIterator]();
  const aborted = whenAborted(signal);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) break;
      size += next.value.length;
      if (expected.size !== undefined && size > expected.size) {
        throw new EngineError(
          'BLOB_SIZE_MISMATCH',
          `A blob of ${expected.size} bytes was promised, but more came.`,
        );
      }
      hash.update(next.value);
      await writeAll(file, next.value);
    }
  } catch (error) {
    iterator.return?.().catch(() => undefined);
    throw error;
  } finally {
    aborted.stop();
  }
  if (expected.size !== undefined && size !== expected.size) {
    throw new EngineError(
      'BLOB_SIZE_MISMATCH',
      `A blob of ${expected.size} bytes was promised, but ${size} came.`,
    );
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  if (expected.digest !== undefined && digest !== expected.digest) {
    throw new EngineError(
      'BLOB_DIGEST_MISMATCH',
      `Blob ${expected.digest} was promised, but ${digest} came.`,
    );
  }
  return { digest, size };
}

function whenAborted(signal: AbortSignal | undefined): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
  });
  promise.catch(() => undefined);
  return { promise, stop };
}
