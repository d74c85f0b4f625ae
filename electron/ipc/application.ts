import type { BuildSummary } from '../../shared/build-events.ts';
import type { ServerMessage } from '../../shared/messages.ts';
import { createBuildSessions, type BuildSessions } from './build-sessions.ts';
import { countCalls } from './calls-under-way.ts';
import { createChanges } from './changes.ts';
import { createIdleCleanup } from './idle-cleanup.ts';
import { createConnection, type Connection } from './connection.ts';
import { createHandlers } from './handlers.ts';
import { addProject } from './projects-handlers.ts';
import { createProjectsStore } from './projects-store.ts';
import { createRouter } from './router.ts';
import { createShellSessions } from './shell-sessions.ts';
import { createWatches } from './watches.ts';
import type { Engine } from '../engine/engine.ts';
import type { Host, Services } from './services.ts';

/** The application behind the window, without the window: what both hosts put a transport in front of. */
export interface Application {
  readonly sessions: BuildSessions;
  /** A conversation with one window. `send` must not fail; where it answers a promise, streams wait for it. */
  connect(send: (message: ServerMessage) => void | Promise<void>): Connection;
  /** Adds a folder named on the command line to the projects; it is not built. Fails with PROJECT_UNUSABLE. */
  addProject(folder: string): Promise<void>;
  /** Watches what was watched when the application was last closed. Never fails. */
  restoreWatches(): Promise<void>;
  /** Cancels what is under way, waits for it, and closes the engine. Idempotent. */
  close(): Promise<void>;
}

export interface ApplicationOptions {
  readonly engine: Engine;
  readonly host: Host;
  /** Called when a build started from a window has ended. */
  readonly onBuildFinished?: (summary: BuildSummary) => void;
  /** Told of every error that is a mistake in this program. */
  readonly onDefect?: (call: string, error: unknown) => void;
}

const TIDY_EVERY_MS = 10 * 60_000;

/** Puts the handlers together over an engine, which the application from then on owns. */
export function createApplication(options: ApplicationOptions): Application {
  const { engine, host, onBuildFinished, onDefect } = options;
  const changes = createChanges();
  const sessions = createBuildSessions({
    engine,
    changes,
    onFinished(summary) {
      cleanup.buildEnded();
      onBuildFinished?.(summary);
    },
  });
  const cleanup = createIdleCleanup({
    isBusy: () => sessions.running() > 0,
    async tidy(signal) {
      const report = await engine.storage.tidy(TIDY_EVERY_MS, signal);
      if (report && report.kinds.length > 0) changes.notify('storage', 'images', 'builds');
    },
  });
  const shells = createShellSessions(engine);
  const projects = createProjectsStore(engine.store.root);
  const watches = createWatches({ engine, projects, sessions });
  const services: Services = { engine, sessions, shells, changes, host, projects, watches };
  const router = countCalls(createRouter(createHandlers(services), onDefect));
  const connections = new Set<Connection>();
  let closing: Promise<void> | undefined;

  return {
    sessions,
    connect(send) {
      const connection = createConnection(router, send);
      connections.add(connection);
      return {
        receive: connection.receive,
        close() {
          connections.delete(connection);
          connection.close();
        },
      };
    },
    async addProject(folder) {
      await addProject(services, folder);
    },
    restoreWatches: () => watches.restore(),
    close() {
      closing ??= (async () => {
        for (const connection of connections) connection.close();
        await watches.close();
        await Promise.all([sessions.close(), shells.close(), cleanup.close()]);
        await router.idle();
        await engine.close();
      })();
      return closing;
    },
  };
}
