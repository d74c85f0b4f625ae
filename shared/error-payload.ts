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
}
