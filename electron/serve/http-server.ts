import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { PageFiles } from '../page/page-files.ts';
import { createAccess, type Access } from './access.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A server on the loopback interface: the page over HTTP, and one WebSocket per window at `/rpc?token=…`. */
export interface LoopbackServer {
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

export interface LoopbackServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly page: PageFiles;
  readonly onSocket: (socket: WebSocket) => void;
}

/**
 * Listens on 127.0.0.1. Every request must name this server in Host; a WebSocket must also come from this server's own
 * page and carry the token. Refusals are 403, 404 or 405 without detail. Fails as listen does (EADDRINUSE, EACCES).
 */
export async function startLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  const port = await listen(server, options.port);
  const access = createAccess(port);

  server.on('request', (request, response) => {
    void servePage(request, response, access, options.page).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!mayConnect(request, access)) {
      refuse(socket);
      return;
    }
    sockets.handleUpgrade(request, socket, head, options.onSocket);
  });

  return {
    port,
    token: access.token,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
  page: PageFiles,
): Promise<void> {
  if (!access.hostAllowed(request.headers)) {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('This address is not served here.\n');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const [path = '/'] = (request.url ?? '/').split(/[?#]/, 1);
  const { status, headers, body } = await page(path);
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function mayConnect(request: IncomingMessage, access: Access): boolean {
  const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
  return (
    url?.pathname === '/rpc' &&
    access.hostAllowed(request.headers) &&
    access.originAllowed(request.headers) &&
    access.tokenMatches(url.searchParams.get('token'))
  );
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
  return (server.address() as AddressInfo).port;
}
