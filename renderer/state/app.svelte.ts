import { createContext } from 'svelte';
import type { Check, Client, ImageSummary, Project, SystemInfo } from '../../shared/contract.ts';
import { CONNECTION_LOST, errorOf } from '../transport/call-error.ts';
import type { ConnectionStatus } from '../transport/web-socket-client.ts';
import { transferred } from './actions.ts';
import { createCommands, type Commands } from './commands.ts';
import { createDialogs, type Dialogs } from './dialogs.svelte.ts';
import { createResource, type Resource } from './resource.svelte.ts';
import { createRouter, type Router } from './router.svelte.ts';
import { createTheme, type ThemeChoice } from './theme.svelte.ts';
import { createToasts, type Toasts } from './toasts.svelte.ts';
import { createTransfers, type Transfers } from './transfers.svelte.ts';
import { createWatches, type Watches } from './watches.svelte.ts';

/** What every screen shares. */
export interface App {
  readonly client: Client;
  readonly router: Router;
  readonly commands: Commands;
  readonly dialogs: Dialogs;
  readonly toasts: Toasts;
  readonly theme: ThemeChoice;
  readonly system: Resource<SystemInfo>;
  readonly projects: Resource<readonly Project[]>;
  readonly images: Resource<readonly ImageSummary[]>;
  /** What works on this machine. */
  readonly checks: Resource<readonly Check[]>;
  readonly transfers: Transfers;
  readonly watches: Watches;
  /** Counts up when the list of builds has changed. */
  readonly buildsVersion: number;
  /** Counts up when what takes room may have changed. */
  readonly storageVersion: number;
  readonly connection: Connection;
  readonly mac: boolean;
}

export interface Connection {
  readonly status: ConnectionStatus;
}

export const [useApp, setApp] = createContext<App>();

/** Where the transport says how it is; a host that cannot lose its connection never sets it. */
export function createConnection(): { status: ConnectionStatus } {
  let status = $state<ConnectionStatus>('connecting');
  return {
    get status() {
      return status;
    },
    set status(next) {
      status = next;
    },
  };
}

/** The application's state over a client. Reads everything once, and again what `system.changes` names, until `signal` fires. */
export function createApp(client: Client, connection: Connection, target: Window, signal: AbortSignal): App {
  const projects = createResource(() => client.call('projects.list', {}));
  const images = createResource(() => client.call('images.list', {}));
  const system = createResource(() => client.call('system.info', {}));
  const checks = createResource(() => client.call('system.check', {}));
  const router = createRouter(target);
  const toasts = createToasts();
  let buildsVersion = $state(0);
  let storageVersion = $state(0);

  function reloadAll(): void {
    void projects.reload();
    void images.reload();
    void system.reload();
    void checks.reload();
    buildsVersion++;
    storageVersion++;
  }

  async function watchChanges(): Promise<void> {
    while (!signal.aborted) {
      try {
        reloadAll();
        await client.stream(
          'system.changes',
          {},
          (change) => {
            if (change === 'images') void images.reload();
            else if (change !== 'storage') void projects.reload();
            if (change === 'builds') buildsVersion++;
            if (change !== 'projects') storageVersion++;
          },
          signal,
        );
        return;
      } catch (thrown) {
        // What changed while the connection was away is not known: everything is read again.
        if (errorOf(thrown).code !== CONNECTION_LOST) return;
      }
    }
  }
  void watchChanges();

  return {
    client,
    router,
    commands: createCommands(),
    dialogs: createDialogs(),
    toasts,
    transfers: createTransfers(client, (transfer) => transferred({ router, toasts }, transfer)),
    watches: createWatches(client, signal),
    theme: createTheme(target.document.documentElement, target.localStorage),
    system,
    projects,
    images,
    checks,
    get buildsVersion() {
      return buildsVersion;
    },
    get storageVersion() {
      return storageVersion;
    },
    connection,
    mac: target.navigator.userAgent.includes('Mac'),
  };
}
