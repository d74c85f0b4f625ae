import type { SourceRange } from './source-range.ts';

/** How an error crosses a process boundary, lies in a build log and is shown: never a stack. */
export interface ErrorPayload {
  /** Stable, upper-case, e.g. `DOCKERFILE_UNKNOWN_INSTRUCTION`. */
  readonly code: string;
  /** One plain sentence: what is wrong and where. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The file the range is in, as the user named it. */
  readonly file?: string;
  readonly range?: SourceRange;
  /** Of a command that failed. */
  readonly command?: FailedCommand;
}

/** How a command of a build ended. */
export interface FailedCommand {
  /** 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  /** The end of what it printed, a few lines, long ones cut. */
  readonly lastLines: readonly string[];
}
