import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** A proxy on this machine that leads every host name to loopback, so that tests need no names of their own. */
export interface ConnectProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `METHOD target` of every request: CONNECT for TLS, the whole URL for plain http. */
  readonly seen: readonly string[];
  /** Answers every further request with this status instead. */
  refuse(status: number): void;
  close(): Promise<void>;
}

/** Starts the proxy (RFC 9110, 9.3.6). */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const seen: string[] = [];
  let refusal: number | undefined;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const { port, pathname, search } = new URL(request.url!);
    const onward = httpRequest({
      host: '127.0.0.1',
      port,
      path: pathname + search,
      method: request.method,
      headers: request.headers,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request, client) => {
    seen.push(`CONNECT ${request.url}`);
    client.on('error', () => undefined);
    if (refusal !== undefined) return void client.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    const target = connect(Number(request.url!.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    refuse: (status) => {
      refusal = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
