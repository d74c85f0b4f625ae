import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createFakeEngine } from '../../tests/support/fake-engine.ts';
import { createApplication } from '../ipc/application.ts';
import { PAGE_HEADERS } from '../page/page-headers.ts';
import { startLoopbackServer, type LoopbackServer } from './http-server.ts';
import { serveWebSocket } from './web-socket-transport.ts';

let server: LoopbackServer;
const asked: string[] = [];
beforeAll(async () => {
  const application = createApplication({
    engine: createFakeEngine(),
    host: { kind: 'serve', version: '1' },
  });
  server = await startLoopbackServer({
    port: 0,
    page: async (path) => {
      asked.push(path);
      return { status: path === '/' ? 200 : 404, headers: PAGE_HEADERS, body: Buffer.from('page') };
    },
    onSocket: (socket) => serveWebSocket(socket, application),
  });
});
afterAll(() => server.close());

function get(path: string, options: { readonly host?: string; readonly method?: string } = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const headers = { host: options.host ?? `127.0.0.1:${server.port}` };
      const sent = request(
        { port: server.port, host: '127.0.0.1', path, headers, method: options.method ?? 'GET' },
        (answer) => {
          let body = '';
          answer.setEncoding('utf8').on('data', (text: string) => (body += text));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
        },
      );
      sent.on('error', reject).end();
    },
  );
}

describe('the page over HTTP', () => {
  test('is answered with its headers', async () => {
    const { status, headers, body } = await get('/');
    expect([status, body]).toEqual([200, 'page']);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect((await get('/', { method: 'HEAD' })).body).toBe('');
  });

  test('paths come as they were sent, without a query', async () => {
    expect((await get('/../../etc/passwd?x')).status).toBe(404);
    expect(asked.at(-1)).toBe('/../../etc/passwd');
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost', '127.0.0.1.evil.example', '[::1]'])(
    'a request that calls this server %s is refused',
    async (host) => {
      expect((await get('/', { host })).status).toBe(403);
    },
  );

  test('localhost is this server too', async () => {
    expect((await get('/', { host: `localhost:${server.port}` })).status).toBe(200);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
    expect((await get('/', { method })).status).toBe(405);
  });

  test('a request without Host is refused', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET / HTTP/1.0\r\n\r\n');
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});

interface Attempt {
  readonly path?: string;
  readonly origin?: string | undefined;
  readonly host?: string;
}

function open({ path = `/rpc?token=${server.token}`, host, ...rest }: Attempt = {}): Promise<WebSocket> {
  const origin = 'origin' in rest ? rest.origin : `http://127.0.0.1:${server.port}`;
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, {
    ...(origin === undefined ? {} : { origin }),
    ...(host === undefined ? {} : { headers: { host } }),
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

function answer(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) =>
    socket.once('message', (data) => resolve(JSON.parse(String(data as Buffer)))),
  );
}

describe('the WebSocket', () => {
  test('answers calls', async () => {
    const socket = await open();
    socket.send(JSON.stringify({ id: 7, call: 'system.info', input: {} }));
    expect(await answer(socket)).toMatchObject({ id: 7, result: { host: 'serve', version: '1' } });
    socket.close();
  });

  test.each<[string, () => Attempt]>([
    ['no token', () => ({ path: '/rpc' })],
    ['an empty token', () => ({ path: '/rpc?token=' })],
    ['a wrong token', () => ({ path: `/rpc?token=${'A'.repeat(43)}` })],
    ['a token with one letter changed', () => ({ path: `/rpc?token=${server.token.slice(0, -1)}!` })],
    ['another path', () => ({ path: `/other?token=${server.token}` })],
    ['no origin', () => ({ origin: undefined })],
    ['a foreign origin', () => ({ origin: 'https://evil.example' })],
    ['a null origin', () => ({ origin: 'null' })],
    ['another port’s origin', () => ({ origin: 'http://127.0.0.1:1' })],
    ['https instead of http', () => ({ origin: `https://127.0.0.1:${server.port}` })],
    ['a rebound host', () => ({ host: `evil.example:${server.port}` })],
  ])('refuses %s', async (_what, attempt) => {
    await expect(open(attempt())).rejects.toThrow('403');
  });

  test.each([
    ['no JSON', 'hello'],
    ['no message', '{"id": 1}'],
    ['a list', '[]'],
    ['bytes', Buffer.from('{"id": 1, "call": "system.info", "input": {}}')],
  ])('hangs up on %s', async (_what, data) => {
    const socket = await open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send(data);
    expect(await closed).toBe(1002);
  });

  test('hangs up on more than 1 MiB', async () => {
    const socket = await open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send(
      JSON.stringify({ id: 1, call: 'projects.inspect', input: { path: 'x'.repeat(1024 * 1024) } }),
    );
    expect(await closed).toBe(1009);
  });

  test('a token is 256 random bits and new for each server', async () => {
    expect(Buffer.from(server.token, 'base64url')).toHaveLength(32);
    const other = await startLoopbackServer({
      port: 0,
      page: async () => ({ status: 404, headers: {}, body: Buffer.alloc(0) }),
      onSocket: () => undefined,
    });
    expect(other.token).not.toBe(server.token);
    await other.close();
  });
});
