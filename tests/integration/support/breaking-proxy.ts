import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Leads connections to a server and breaks them. */
export interface BreakingProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** How many connections it has broken. */
  broken(): number;
  close(): Promise<void>;
}

/**
 * Starts a proxy to `target` that resets every connection once it has carried `bytes` towards the server (`up`) or from it
 * (`down`), the first `times` times.
 */
export async function startBreakingProxy(
  target: string,
  direction: 'up' | 'down',
  bytes: number,
  times: number,
): Promise<BreakingProxy> {
  let broken = 0;
  const sockets = new Set<Socket>();
  const [host, port] = target.split(':') as [string, string];
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    let carried = 0;
    const ends = [client, upstream];
    for (const socket of ends) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => ends.forEach((each) => each.destroy()));
    }
    const carry = (from: Socket, to: Socket, isCounted: boolean): void => {
      from.on('data', (chunk: Buffer) => {
        if (isCounted) carried += chunk.length;
        if (isCounted && carried > bytes && broken < times) {
          broken++;
          // What came before the break has arrived.
          to.write(chunk.subarray(0, Math.max(0, chunk.length - (carried - bytes))), () =>
            client.resetAndDestroy(),
          );
          from.pause();
          return;
        }
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    };
    carry(client, upstream, direction === 'up');
    carry(upstream, client, direction === 'down');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    broken: () => broken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
