import type { WorkerPool } from '../base/worker-pool.ts';
import type { ContextColumns } from './columns.ts';
import type { HashInput } from './hash-files.ts';
import type { SaveInput } from './stat-cache.ts';

const BATCHES_EACH = 4;
const SMALLEST_BYTES = 1 << 20;
const SMALLEST_FILES = 500;

/**
 * Hashes these rows on all workers of the pool; the digests are in the columns afterwards. Then has a worker keep what is
 * settled in the stat cache, without waiting for it: a build must not be slower, or fail, for the sake of the next one.
 */
export async function hashRows(
  rows: Uint32Array,
  columns: ContextColumns,
  options: { readonly root: string; readonly pool: WorkerPool; readonly statCachePath?: string | undefined },
  signal?: AbortSignal,
): Promise<void> {
  const { root, pool, statCachePath } = options;
  const batches = cut(rows, columns, pool.size);
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const jobs = batches.map((batch) =>
    pool.run<void>('context.hash', { root, columns, rows: batch } satisfies HashInput, { signal: either }),
  );
  try {
    await Promise.all(jobs);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(jobs);
    throw error;
  }
  if (statCachePath !== undefined) {
    void pool
      .run('context.keep', { file: statCachePath, columns } satisfies SaveInput)
      .catch(() => undefined);
  }
}

/** Several batches for every worker, so that none is waited for alone at the end, and no more: each job decodes all names. */
function cut(rows: Uint32Array, columns: ContextColumns, workers: number): Uint32Array[] {
  let total = 0;
  for (const row of rows) total += columns.sizes[row]!;
  const bytes = Math.max(SMALLEST_BYTES, Math.ceil(total / (workers * BATCHES_EACH)));
  const files = Math.max(SMALLEST_FILES, Math.ceil(rows.length / (workers * BATCHES_EACH)));
  const batches: Uint32Array[] = [];
  let start = 0;
  let size = 0;
  for (let i = 0; i < rows.length; i++) {
    size += columns.sizes[rows[i]!]!;
    if (size < bytes && i + 1 - start < files && i + 1 < rows.length) continue;
    batches.push(rows.slice(start, i + 1));
    start = i + 1;
    size = 0;
  }
  return batches;
}
