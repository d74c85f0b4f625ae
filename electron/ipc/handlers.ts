import { buildsHandlers } from './builds-handlers.ts';
import { debugHandlers } from './debug-handlers.ts';
import { dialogsHandlers } from './dialogs-handlers.ts';
import { foldersHandlers } from './folders-handlers.ts';
import { imagesHandlers } from './images-handlers.ts';
import { projectsHandlers } from './projects-handlers.ts';
import type { Handlers } from './router.ts';
import { createSaveGrants } from './save-grants.ts';
import type { Services } from './services.ts';
import { storageHandlers } from './storage-handlers.ts';
import { systemHandlers } from './system-handlers.ts';
import { watchHandlers } from './watch-handlers.ts';

/** The handlers of every call of the contract, the same in both hosts. */
export function createHandlers(services: Services): Handlers {
  const grants = createSaveGrants(services.host.dialogs !== undefined);
  return {
    ...systemHandlers(services),
    ...dialogsHandlers(services, grants),
    ...foldersHandlers(services),
    ...projectsHandlers(services),
    ...watchHandlers(services),
    ...buildsHandlers(services),
    ...imagesHandlers(services, grants),
    ...storageHandlers(services),
    ...debugHandlers(services),
  };
}
