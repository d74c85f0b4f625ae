import type { JobContext } from './base/worker-job.ts';

/** Every job a worker thread can do, by name. Add a line; the function itself lives with its concept. */
export const jobs: Readonly<Record<string, (input: never, context: JobContext) => unknown>> = {};
