import type { ErrorPayload } from '../../shared/error-payload.ts';
import type { LiveContext } from '../engine/context/live-context.ts';
import type { WatchedFiles } from '../engine/context/watched-files.ts';

/** What a watch needs to know and do of the project it watches. */
export interface WatchedProject {
  /** See context/watched-files.ts. */
  files(before?: WatchedFiles): Promise<WatchedFiles>;
  readonly context: LiveContext;
  /** Builds with `context`. How it ends is in the answer: it does not fail. */
  build(options: WatchBuildOptions): Promise<WatchBuildResult>;
}

export interface WatchBuildOptions {
  /** What it is for, relative to the context's folder; empty for the first one. */
  readonly files: readonly string[];
  /** How many there are, where not all are named. */
  readonly count: number;
  /** When the last of it was heard of, and when the quiet period after it was over; by the watch's clock. */
  readonly heardAt: number;
  readonly quietAt: number;
  readonly onStarted: (buildId: string) => void;
  readonly signal: AbortSignal;
}

export interface WatchBuildResult {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly error?: ErrorPayload | undefined;
}
