import { formatBytes } from '../../../shared/format.ts';
import { spaceOf } from '../base/free-space.ts';
import { EngineError } from '../base/errors.ts';

/** Fails with RUN_SPACE where the folder's disk has not got room for what a command wrote: `size` bytes. */
export async function needSpace(folder: string, size: number): Promise<void> {
  if (size > (await spaceOf(folder)).free) throw await spaceError(folder, size);
}

/** What to say where what a command wrote does not fit; undefined: nobody could tell how much it is. */
export async function spaceError(folder: string, size: number | undefined): Promise<EngineError> {
  const { free } = await spaceOf(folder);
  const wrote =
    size === undefined
      ? 'What the command wrote does not fit'
      : `What the command wrote takes ${formatBytes(size)}`;
  return new EngineError('RUN_SPACE', `${wrote}, and the disk of the store has ${formatBytes(free)} left.`, {
    hint: 'A sparse file counts with its whole size. Make room, or have the command remove what is not needed.',
  });
}
