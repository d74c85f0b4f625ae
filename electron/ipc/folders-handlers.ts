import { EngineError } from '../engine/base/errors.ts';
import { listFolder } from './list-folder.ts';
import type { Section } from './router.ts';
import type { Services } from './services.ts';

/** `folders.*`: looking for a folder where there is no native dialog; NOT_AVAILABLE in the desktop app. */
export function foldersHandlers({ host }: Services): Section<'folders'> {
  return {
    'folders.list': ({ path }) => {
      if (host.dialogs)
        throw new EngineError('NOT_AVAILABLE', 'The desktop app has native dialogs for this.');
      return listFolder(path);
    },
  };
}
