/**
 * Does `work` for every item, at most `limit` at a time, in order. The first failure stops the others through the signal
 * they are given, and is what this fails with once all have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const own = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      own.throwIfAborted();
      await work(next, own);
    }
  };
  const runners = Array.from({ length: Math.min(limit, items.length) }, () =>
    run().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(runners);
  signal?.throwIfAborted();
  if (results.some((result) => result.status === 'rejected')) throw failed.signal.reason;
}
