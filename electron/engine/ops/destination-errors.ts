import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { EntryType } from '../layer/file-tree.ts';

/** A path that has to be a directory is something else. */
export function notDirectory(path: string, label: string): EngineError {
  return new EngineError(
    'COPY_DESTINATION_NOT_DIRECTORY',
    `/${displayName(path)} is not a directory in ${label}, so nothing can be copied into it.`,
    { hint: 'Choose another destination, or remove what is there in an earlier step.' },
  );
}

/** Several things would be written to one and the same file. */
export function needsSlash(destination: string): EngineError {
  return new EngineError(
    'COPY_DESTINATION_NOT_DIRECTORY',
    `Several files cannot all become ${displayName(destination)}, which is not a directory.`,
    { hint: `To copy them into a directory, end the destination with a slash: ${displayName(destination)}/` },
  );
}

/** Something that is no directory was to be written where there is one. */
export function isDirectory(path: string, type: EntryType, label: string): EngineError {
  return new EngineError(
    'COPY_DESTINATION_IS_DIRECTORY',
    `/${displayName(path)} is a directory in ${label} and cannot be replaced by a ${type === 'symlink' ? 'link' : 'file'}.`,
    { hint: 'Choose another destination, or remove the directory in an earlier step.' },
  );
}
