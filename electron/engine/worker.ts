import { parentPort } from 'node:worker_threads';
import { serializeError, type WorkerReply, type WorkerRequest } from './base/worker-pool.ts';
import { jobs } from './worker-jobs.ts';

/** The entry of a worker thread: answers one request at a time with the job of that name. */
const port = parentPort;
if (!port) throw new Error('worker.ts is the entry of a worker thread.');

port.on('message', async (request: WorkerRequest) => {
  const cancelled = new Int32Array(request.cancel);
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  try {
    const load = jobs[request.job];
    if (!load) throw new Error(`There is no worker job ${request.job}.`);
    const job = await load();
    const value = await job(request.input as never, {
      cancelled: () => Atomics.load(cancelled, 0) !== 0,
      progress: (progress) => reply({ id: request.id, kind: 'progress', value: progress }),
    });
    reply({ id: request.id, kind: 'done', value });
  } catch (error) {
    reply({ id: request.id, kind: 'failed', error: serializeError(error) });
  }
});
