import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EngineError, type EngineErrorDetails } from './errors.ts';

/**
 * A small pool of worker threads for walking, hashing, tar writing and compression, so that the main thread's event loop
 * is never held. A job is a named function in worker-jobs.ts; its input and output are plain data (structured clone).
 */
export interface WorkerPool {
  /**
   * Runs one job; `transfer` moves buffers instead of copying them; `onProgress` gets what the job posts.
   * Fails as the job failed (EngineErrors keep their code), or with an AbortError soon after `signal` fires: the worker is
   * then told to stop, and replaced if it does not within 2 s.
   */
  run<Output>(
    job: string,
    input: unknown,
    options?: {
      readonly signal?: AbortSignal | undefined;
      readonly transfer?: readonly ArrayBuffer[];
      readonly onProgress?: (progress: unknown) => void;
    },
  ): Promise<Output>;
  /** Starts a thread now, so that it is ready when the first job comes; nothing happens once there is one. */
  warm(): void;
  readonly size: number;
  close(): Promise<void>;
}

/** What the pool sends a worker, and what it answers. */
export interface WorkerRequest {
  readonly id: number;
  readonly job: string;
  readonly input: unknown;
  /** One Int32: not 0 once the answer is no longer wanted. */
  readonly cancel: SharedArrayBuffer;
}
export type WorkerReply =
  | { readonly id: number; readonly kind: 'progress'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'done'; readonly value: unknown; readonly transfer?: ArrayBuffer[] }
  | { readonly id: number; readonly kind: 'failed'; readonly error: SerializedError };

export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly details?: Omit<EngineErrorDetails, 'cause'>;
  readonly system?: { readonly code: string; readonly path?: string; readonly syscall?: string };
  readonly stack?: string;
}

interface Job {
  readonly request: WorkerRequest;
  readonly transfer: readonly ArrayBuffer[];
  readonly onProgress: ((progress: unknown) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const STOP_GRACE_MS = 2_000;
/** By itself each thread would take up to 48 MB for what is short-lived. */
const YOUNG_MB = 12;

/** Threads are started when first needed and do not keep the process alive. */
export function createWorkerPool(
  size: number = Math.max(2, Math.min(8, availableParallelism())),
): WorkerPool {
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  const queue: Job[] = [];
  let nextId = 0;
  let closed = false;

  function start(): Worker {
    const worker = new Worker(workerUrl(), { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    worker.unref();
    worker.on('message', (reply: WorkerReply) => onReply(worker, reply));
    worker.on('error', (error) => onDeath(worker, error));
    worker.on('exit', () => onDeath(worker, new Error('A worker thread stopped unexpectedly.')));
    return worker;
  }

  function pump(): void {
    while (queue.length > 0 && busy.size < size && !closed) {
      const worker = idle.pop() ?? start();
      const job = queue.shift()!;
      busy.set(worker, job);
      worker.ref();
      worker.postMessage(job.request, job.transfer as ArrayBuffer[]);
    }
  }

  function onReply(worker: Worker, reply: WorkerReply): void {
    const job = busy.get(worker);
    if (!job || job.request.id !== reply.id) return;
    if (reply.kind === 'progress') {
      job.onProgress?.(reply.value);
      return;
    }
    busy.delete(worker);
    worker.unref();
    idle.push(worker);
    if (reply.kind === 'done') job.resolve(reply.value);
    else job.reject(deserializeError(reply.error));
    pump();
  }

  function onDeath(worker: Worker, error: Error): void {
    const job = busy.get(worker);
    busy.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
    job?.reject(error);
    pump();
  }

  return {
    size,
    warm() {
      if (idle.length + busy.size === 0 && !closed) idle.push(start());
    },
    run<Output>(job: string, input: unknown, options: Parameters<WorkerPool['run']>[2] = {}) {
      const { signal, transfer = [], onProgress } = options;
      signal?.throwIfAborted();
      if (closed) return Promise.reject(new Error('The worker pool is closed.'));
      const cancel = new SharedArrayBuffer(4);
      return new Promise<Output>((resolve, reject) => {
        const entry: Job = {
          request: { id: nextId++, job, input, cancel },
          transfer,
          onProgress,
          resolve: (value) => {
            signal?.removeEventListener('abort', onAbort);
            resolve(value as Output);
          },
          reject: (error) => {
            signal?.removeEventListener('abort', onAbort);
            reject(signal?.aborted ? signal.reason : error);
          },
        };
        const onAbort = (): void => {
          Atomics.store(new Int32Array(cancel), 0, 1);
          const waiting = queue.indexOf(entry);
          if (waiting >= 0) {
            queue.splice(waiting, 1);
            entry.reject(signal!.reason);
            return;
          }
          const worker = [...busy].find(([, running]) => running === entry)?.[0];
          setTimeout(() => {
            if (worker && busy.get(worker) === entry) void worker.terminate();
          }, STOP_GRACE_MS).unref();
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(entry);
        pump();
      });
    },
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(new Error('The worker pool is closed.'));
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()));
    },
  };
}

/** In a checkout the worker is a TypeScript file Node runs as it is; in a bundle it lies beside this module's chunk. */
function workerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../worker.ts', import.meta.url)
    : new URL('./worker.js', import.meta.url);
}

export function serializeError(error: unknown): SerializedError {
  if (error instanceof EngineError) {
    return {
      name: error.name,
      message: error.message,
      code: error.code,
      details: { hint: error.hint, file: error.file, range: error.range },
    };
  }
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  return {
    name: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(typeof code === 'string'
      ? {
          system: {
            code,
            ...(path === undefined ? {} : { path }),
            ...(syscall === undefined ? {} : { syscall }),
          },
        }
      : {}),
  };
}

function deserializeError(error: SerializedError): Error {
  if (error.code !== undefined) return new EngineError(error.code, error.message, error.details);
  const revived = Object.assign(new Error(error.message), error.system ?? {});
  revived.name = error.name;
  if (error.stack !== undefined) revived.stack = error.stack;
  return revived;
}
