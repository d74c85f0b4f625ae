import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../base/errors.ts';
import type { BuildOutput } from './build-request.ts';

/**
 * Looks whether an output can be written where it shall be, so that nothing is built for nothing. Fails with
 * EXPORT_DESTINATION. What goes wrong later (a full disk, say) is told by the exporter.
 */
export async function checkOutput({ type, destination }: BuildOutput): Promise<void> {
  if (destination === '-') return;
  if (type !== 'local') return checkFileDestination(destination);
  const found = await kindOf(destination);
  if (found === 'file')
    throw refusal(`${destination} is a file, so no folder can be written there.`, 'Name a folder.');
  if (found === 'unusable') throw refusal(`${destination} cannot be written.`, 'Name another folder.');
}

/** The same for a single file: its folder must be there, and nothing but a file under its name. */
export async function checkFileDestination(path: string): Promise<void> {
  const folder = dirname(path);
  if ((await kindOf(folder)) !== 'folder') {
    throw refusal(
      `${path} cannot be written, because there is no folder ${folder}.`,
      'Make the folder first.',
    );
  }
  const found = await kindOf(path);
  if (found === 'folder')
    throw refusal(`${path} is a folder, so no file can be written there.`, 'Name a file in it.');
  if (found === 'unusable') throw refusal(`${path} cannot be written.`, 'Name another file.');
}

/** A device or a pipe counts as a file: it can be written to. */
async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing' | 'unusable'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'nothing' : 'unusable';
  }
}

function refusal(message: string, hint: string): EngineError {
  return new EngineError('EXPORT_DESTINATION', message, { hint });
}
