import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry that hands out everything but blobs, until it is told to let go. */
export interface HeldRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Resolves when a client has asked for a blob. */
  readonly asked: Promise<void>;
  /** Resolves when a client has hung up without its blob. */
  readonly hungUp: Promise<void>;
  letGo(): void;
  close(): Promise<void>;
}

/** Stands in front of another registry of this machine. */
export async function holdRegistry(behind: string): Promise<HeldRegistry> {
  const asked = Promise.withResolvers<void>();
  const hungUp = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();

  function forward(from: IncomingMessage, to: ServerResponse): void {
    const [host, port] = behind.split(':');
    const onward = request({ host, port, method: from.method, path: from.url, headers: from.headers });
    onward.on('response', (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  }

  const server = createServer((from, to) => {
    if (from.method !== 'GET' || !from.url?.includes('/blobs/')) return forward(from, to);
    asked.resolve();
    to.on('close', () => !to.writableFinished && hungUp.resolve());
    void free.promise.then(() => !to.destroyed && forward(from, to));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: asked.promise,
    hungUp: hungUp.promise,
    letGo: free.resolve,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
