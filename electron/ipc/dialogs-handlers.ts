import { EngineError } from '../engine/base/errors.ts';
import type { Section } from './router.ts';
import type { SaveGrants } from './save-grants.ts';
import type { Dialogs, Services } from './services.ts';

/** `dialogs.*`: native dialogs, where the host has them; NOT_AVAILABLE elsewhere. */
export function dialogsHandlers({ host }: Services, grants: SaveGrants): Section<'dialogs'> {
  const dialogs = (): Dialogs => {
    if (host.dialogs) return host.dialogs;
    throw new EngineError('NOT_AVAILABLE', 'Native dialogs are part of the desktop app only.');
  };
  return {
    'dialogs.chooseFolder': () => dialogs().chooseFolder(),
    'dialogs.chooseArchive': () => dialogs().chooseArchive(),
    'dialogs.chooseSavePath': async ({ suggestion }) => {
      const path = await dialogs().chooseSavePath(suggestion);
      if (path !== null) grants.grant(path);
      return path;
    },
  };
}
