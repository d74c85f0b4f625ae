import { createApplication } from './ipc/application.ts';
import { EngineError } from './engine/base/errors.ts';
import { createEngine } from './engine/engine.ts';
import { builtPageFolder, readPageFiles, type PageFiles } from './page/page-files.ts';
import { startLoopbackServer } from './serve/http-server.ts';
import { serveWebSocket } from './serve/web-socket-transport.ts';

/** A running application that a browser on this machine, or one that is forwarded to it over ssh, can open. */
export interface Serving {
  /** The address to open. The token is in its fragment, which browsers send to nobody. */
  readonly url: string;
  /** Cancels what is under way, closes every window's connection and the store. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** The store's directory. */
  readonly store: string;
  /** 0, the default, for any free one. */
  readonly port?: number;
  readonly version: string;
  /** Where the built page lies, if not where the build puts it. */
  readonly pageFolder?: string;
  readonly onDefect?: (call: string, error: unknown) => void;
}

/**
 * The whole application without Electron: loopback HTTP and WebSocket in front of the same handlers. Fails with
 * PORT_INVALID, PAGE_NOT_BUILT, PORT_UNAVAILABLE, or as the engine does when it opens the store.
 */
export async function startServe(options: ServeOptions): Promise<Serving> {
  const port = options.port ?? 0;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new EngineError('PORT_INVALID', 'A port is a number from 0 to 65535.');
  }
  const page = openPage(options.pageFolder ?? builtPageFolder());
  const engine = await createEngine({ store: options.store });
  const application = createApplication({
    engine,
    host: { kind: 'serve', version: options.version },
    ...(options.onDefect ? { onDefect: options.onDefect } : {}),
  });
  try {
    const server = await startLoopbackServer({
      port,
      page,
      onSocket: (socket) => serveWebSocket(socket, application),
    });
    void application.restoreWatches();
    return {
      url: `http://127.0.0.1:${server.port}/#token=${server.token}`,
      async close() {
        await server.close();
        await application.close();
      },
    };
  } catch (error) {
    await application.close();
    throw portError(error, port);
  }
}

function openPage(folder: string): PageFiles {
  try {
    return readPageFiles(folder);
  } catch (cause) {
    throw new EngineError('PAGE_NOT_BUILT', `The window's page is not in ${folder}.`, {
      hint: 'npm start builds it.',
      cause,
    });
  }
}

function portError(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EACCES' ? 'you are not permitted to use it' : 'something else uses it';
  return new EngineError('PORT_UNAVAILABLE', `Port ${port} cannot be opened: ${why}.`, {
    hint: 'Choose another with --port, or leave it out for any free one.',
    cause: error,
  });
}
