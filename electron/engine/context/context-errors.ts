import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EIO: 'the device reports an error',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ELOOP: 'too many symbolic links',
  EISDIR: 'it is a directory',
  NOT_A_FILE: 'it is not a regular file',
  FILE_TOO_LARGE: 'it is too large',
};

/** Why the system would not let us read something, in words; its code where there are none for it. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? code ?? 'unknown reason';
}

/** CONTEXT_UNREADABLE for a path of the context that the system would not let us read. */
export function unreadable(path: string, error: unknown): EngineError {
  const shown = displayName(path.replace(/\/$/, '') || '.');
  return new EngineError(
    'CONTEXT_UNREADABLE',
    `"${shown}" in the build context cannot be read: ${reasonOf(error)}.`,
    { hint: 'If the image does not need it, list it in .dockerignore.', cause: error },
  );
}

/** CONTEXT_FILE_CHANGED for a file of the context that is no longer as it was found. */
export function fileChanged(path: string): EngineError {
  return new EngineError(
    'CONTEXT_FILE_CHANGED',
    `"${displayName(path)}" changed while the build was reading it.`,
    {
      hint: 'Build again when nothing writes to the folder, or list the file in .dockerignore.',
    },
  );
}
