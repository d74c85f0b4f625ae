/** What a worker job gets besides its input. */
export interface JobContext {
  /** True once the caller no longer wants the answer: throw, or return, soon. */
  cancelled(): boolean;
  /** Sends the caller's `onProgress` something; not more often than every 50 ms. */
  progress(value: unknown): void;
}

export type WorkerJob = (input: never, context: JobContext) => unknown;
