import { Worker } from 'node:worker_threads';
import type { WatchedFiles } from '../engine/context/watched-files.ts';
import type { WatchCommand, WatchMessage, WatchThreadData } from './watch-messages.ts';

/** Hears of changes in a project's files until it is closed. */
export interface Subscription {
  /** Says that what was heard so far has been taken care of. */
  taken(): void;
  /** Resolves when all that the system had to tell until now has been heard. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

/** Starts hearing; `ready` is said when nothing goes unheard any more. */
export type Subscribe = (
  files: WatchedFiles,
  options: { readonly polling?: number | undefined; readonly onMessage: (message: WatchMessage) => void },
) => Subscription;

/** What a subscription may need of memory: folders, not files. */
const HEAP_MB = 192;
const YOUNG_MB = 8;

/** Subscribes with chokidar, in a thread of its own. */
export const subscribe: Subscribe = (files, { polling, onMessage }) => {
  const data: WatchThreadData = { files, polling };
  const worker = new Worker(threadUrl(), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let closed = false;
  let waiting: (() => void)[] = [];
  const settle = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const hear = (message: WatchMessage): void => {
    if (message.kind === 'synced') settle();
    else if (!closed) onMessage(message);
  };
  worker.on('message', hear);
  worker.on('exit', () => {
    closed = true;
    settle();
  });
  worker.on('error', (error: NodeJS.ErrnoException) =>
    hear({ kind: 'failed', code: error.code ?? 'unknown', message: error.message }),
  );
  return {
    taken: () => worker.postMessage({ kind: 'taken' } satisfies WatchCommand),
    synced: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (closed) settle();
        else worker.postMessage({ kind: 'sync' } satisfies WatchCommand);
      }),
    async close() {
      closed = true;
      settle();
      await worker.terminate();
    },
  };
};

/** In a checkout the thread is a TypeScript file Node runs as it is; in a bundle it lies beside this module's chunk. */
function threadUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./watch-thread.ts', import.meta.url)
    : new URL('./watch-thread.js', import.meta.url);
}
