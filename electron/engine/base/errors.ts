import type { ErrorPayload, FailedCommand } from '../../../shared/error-payload.ts';
import type { SourceRange } from '../../../shared/source-range.ts';

export interface EngineErrorDetails {
  /** What the person can do about it. */
  readonly hint?: string | undefined;
  /** The file `range` is in, as the user named it. */
  readonly file?: string | undefined;
  readonly range?: SourceRange | undefined;
  /** How the command that failed ended. */
  readonly command?: FailedCommand | undefined;
  readonly cause?: unknown;
}

/**
 * The one error type that leaves the engine for anything a person did or met: bad input, a missing file, a full disk.
 * `code` is stable and upper-case; `message` is one plain sentence. Anything else that is thrown is a defect.
 */
export class EngineError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly file: string | undefined;
  readonly range: SourceRange | undefined;
  readonly command: FailedCommand | undefined;

  constructor(code: string, message: string, details: EngineErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EngineError';
    this.code = code;
    this.hint = details.hint;
    this.file = details.file;
    this.range = details.range;
    this.command = details.command;
  }

  /** The same error, with a place in a file where it had none. */
  at(file: string, range: SourceRange): EngineError {
    if (this.range) return this;
    const { hint, command } = this;
    return new EngineError(this.code, this.message, { hint, command, file, range, cause: this });
  }
}

const SYSTEM_SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'is not permitted',
  ENOTDIR: 'is not a directory',
  EISDIR: 'is a directory',
  ERR_FS_EISDIR: 'is a directory',
  EEXIST: 'exists already',
  ENOTEMPTY: 'is not empty',
  ENAMETOOLONG: 'has a name that is too long',
  ENOSPC: 'cannot be written: the disk is full',
  EROFS: 'cannot be written: the file system is read-only',
  EMFILE: 'cannot be opened: too many open files',
  ELOOP: 'has too many symbolic links',
  EDQUOT: 'cannot be written: the disk quota is used up',
  EIO: 'cannot be read or written: the device reports an error',
};

/** Turns anything thrown into what may be shown or sent. System errors become a sentence; a defect keeps its message only. */
export function toErrorPayload(error: unknown): ErrorPayload {
  if (error instanceof EngineError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.file === undefined ? {} : { file: error.file }),
      ...(error.range === undefined ? {} : { range: error.range }),
      ...(error.command === undefined ? {} : { command: error.command }),
    };
  }
  if (isAbort(error)) return { code: 'CANCELLED', message: 'The build was cancelled.' };
  const system = error as NodeJS.ErrnoException;
  if (typeof system?.code === 'string' && system.syscall !== undefined) {
    const sentence = SYSTEM_SENTENCES[system.code] ?? `failed (${system.code})`;
    return { code: `SYSTEM_${system.code}`, message: `${system.path ?? system.syscall} ${sentence}.` };
  }
  return {
    code: 'INTERNAL',
    message: 'Something went wrong inside Slipway.',
    hint: `It is a defect, please report it: ${error instanceof Error ? error.message : String(error)}`,
  };
}

/** Runs calls on an open file; a system error then names the file's path, as those of calls by path do. */
export function namingPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && !('path' in error)) Object.assign(error, { path });
    throw error;
  }
}

/** Whether the error says that an AbortSignal fired. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error as { code?: unknown }).code === 'CANCELLED')
  );
}
