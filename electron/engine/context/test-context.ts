import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { JobContext } from '../base/worker-job.ts';
import { hashFilesJob, hashJob } from './hash-files.ts';
import { saveStatCacheJob } from './stat-cache.ts';
import { walkJob } from './walk.ts';

/** A folder that is gone when the test is done. `files` are texts by path; a text that starts with `-> ` makes a symbolic link. */
export function testFolder(
  files: Readonly<Record<string, string>> = {},
): { readonly root: string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'slipway-context-'));
  for (const [path, text] of Object.entries(files)) {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), full);
    else writeFileSync(full, text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

const jobs: Readonly<Record<string, (input: never, context: JobContext) => unknown>> = {
  'context.walk': walkJob,
  'context.hash': hashJob,
  'context.hashFiles': hashFilesJob,
  'context.keep': saveStatCacheJob,
};

/** A pool that does its jobs at once on this thread, and remembers them by name. */
export function directPool(): WorkerPool & { readonly ran: string[] } {
  const ran: string[] = [];
  return {
    size: 2,
    ran,
    async run<Output>(job: string, input: unknown, options: Parameters<WorkerPool['run']>[2] = {}) {
      options.signal?.throwIfAborted();
      ran.push(job);
      const context: JobContext = {
        cancelled: () => options.signal?.aborted ?? false,
        progress: (value) => options.onProgress?.(value),
      };
      return (await jobs[job]!(input as never, context)) as Output;
    },
    warm: () => undefined,
    close: async () => undefined,
  };
}
