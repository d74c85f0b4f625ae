import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pullFrom } from '../../../tests/support/fake-pull.ts';
import { startFakeRegistry, type FakeRegistry } from '../../../tests/support/fake-registry.ts';
import type { Credential } from './credentials.ts';

const SECRET = { username: 'me', password: 'hunter2' };

let registry: FakeRegistry;
beforeEach(async () => {
  registry = await startFakeRegistry();
});
afterEach(() => registry.close());

const wantsLayer = (request: IncomingMessage): boolean =>
  request.url === `/v2/app/blobs/${registry.layer.digest}`;

const pull = (credential?: Credential): ReturnType<typeof pullFrom> => pullFrom(registry, credential);

test('a good image is pulled, each blob once', async () => {
  expect(await pull()).toBeUndefined();
  expect(registry.seen).toHaveLength(3);
});

describe('content', () => {
  const answers: readonly (readonly [string, (bytes: Buffer) => Buffer | undefined, number?])[] = [
    ['a flipped byte', (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])])],
    ['one byte more', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ];
  for (const [name, change] of answers) {
    for (const announced of [true, false]) {
      test(`${name}, ${announced ? 'announced' : 'without a length'}`, async () => {
        registry.misbehave((request, response) => {
          if (!wantsLayer(request)) return false;
          const body = change(registry.layer.bytes)!;
          response.writeHead(200, announced ? { 'content-length': body.length } : {});
          response.write(body);
          response.end();
          return true;
        });
        const failure = await pull();
        expect(failure?.code).toBe('REGISTRY_CONTENT_WRONG');
        expect(failure?.message).toContain(registry.layer.digest);
      });
    }
  }

  test('a body that is always too short, though announced in full', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      const { bytes } = registry.layer;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000), () => request.socket.destroy());
      return true;
    });
    const failure = await pull();
    expect(failure?.code).toBe('REGISTRY_CONNECTION_LOST');
    expect(registry.seen.filter(({ path }) => path.includes(registry.layer.digest))).toHaveLength(4);
  });

  test('a body that ends too early without saying how long it is', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      response.writeHead(200).end(registry.layer.bytes.subarray(0, 1000));
      return true;
    });
    const failure = await pull();
    expect(failure?.code).toBe('REGISTRY_CONNECTION_LOST');
    expect(failure?.message).toContain(registry.layer.digest);
  });

  test('a blob that is not there', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      response.writeHead(404).end();
      return true;
    });
    const failure = await pull();
    expect(failure?.code).toBe('REGISTRY_ANSWER_INVALID');
    expect(failure?.message).toContain(registry.layer.digest);
  });

  test('what is no HTTP', async () => {
    registry.misbehave((request) => {
      request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_ANSWER_INVALID');
  });

  test('an endless body is read no further than promised', async () => {
    let sent = 0;
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      response.writeHead(200);
      const more = (): void => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_CONTENT_WRONG');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('an encoded body', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(registry.layer.bytes);
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_ANSWER_INVALID');
  });

  test('a manifest that is not the one announced', async () => {
    registry.misbehave((request, response) => {
      if (!request.url!.includes('/manifests/')) return false;
      response.writeHead(200, { 'docker-content-digest': registry.layer.digest }).end(registry.manifest);
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_CONTENT_WRONG');
  });

  test('a manifest of 5 MiB', async () => {
    registry.misbehave((request, response) => {
      if (!request.url!.includes('/manifests/')) return false;
      response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024, ' '));
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_CONTENT_WRONG');
  });
});

describe('broken connections', () => {
  test('a reset every 64 KiB is taken up where it broke', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const { bytes } = registry.layer;
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': bytes.length - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      });
      const end = from + 65_536;
      response.write(bytes.subarray(from, end), () => {
        if (end < bytes.length) setTimeout(() => request.socket.destroy(), 20);
        else response.end();
      });
      return true;
    });
    expect(await pull()).toBeUndefined();
    const ranges = registry.seen.flatMap(({ range }) => range ?? []);
    expect(ranges.length).toBeGreaterThanOrEqual(4);
    expect(ranges[0]).toBe('bytes=65536-');
  });

  test('a registry that ignores ranges sends again what is there, and that is left out', async () => {
    let first = true;
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      const { bytes } = registry.layer;
      response.writeHead(200, { 'content-length': bytes.length });
      if (first)
        response.write(bytes.subarray(0, 100_000), () => setTimeout(() => request.socket.destroy(), 20));
      else response.end(bytes);
      first = false;
      return true;
    });
    expect(await pull()).toBeUndefined();
    expect(registry.seen.some(({ range }) => range !== undefined)).toBe(true);
  });

  test('another part than the one asked for', async () => {
    let first = true;
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      const { bytes } = registry.layer;
      if (first) {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 100_000), () => setTimeout(() => request.socket.destroy(), 20));
      } else response.writeHead(206, { 'content-range': `bytes 5-9/${bytes.length}` }).end('12345');
      first = false;
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_ANSWER_INVALID');
  });

  test('a body that stops coming', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      response.writeHead(200, { 'content-length': registry.layer.bytes.length });
      response.write('x');
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_TIMEOUT');
  });

  for (const status of [429, 500, 503]) {
    test(`status ${status} twice, then good`, async () => {
      let left = 2;
      registry.misbehave((_, response) => {
        if (left-- <= 0) return false;
        response.writeHead(status).end();
        return true;
      });
      expect(await pull()).toBeUndefined();
    });
  }

  test('status 500 for ever ends after four requests', async () => {
    registry.misbehave((_, response) => {
      response.writeHead(500).end();
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_BUSY');
    expect(registry.seen).toHaveLength(4);
  });
});

describe('passwords', () => {
  /** A server on this machine under another name; answers with what it was sent. */
  async function elsewhere(
    work: (origin: string, headers: (string | undefined)[]) => Promise<void>,
    body: () => Buffer | string,
  ): Promise<void> {
    const headers: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      headers.push(request.headers.authorization);
      response.end(body());
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    try {
      await work(`http://localhost:${(server.address() as AddressInfo).port}`, headers);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const basic = `Basic ${Buffer.from('me:hunter2').toString('base64')}`;

  test('a redirect to another host is followed without them', () =>
    elsewhere(
      async (origin, headers) => {
        registry.misbehave((request, response) => {
          if (request.headers.authorization !== basic)
            response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
          else if (wantsLayer(request)) response.writeHead(307, { location: `${origin}/layer` }).end();
          else return false;
          return true;
        });
        expect(await pull(SECRET)).toBeUndefined();
        expect(headers).toEqual([undefined]);
      },
      () => registry.layer.bytes,
    ));

  test('a redirect to another host without TLS is not followed', async () => {
    registry.misbehave((request, response) => {
      if (!wantsLayer(request)) return false;
      response.writeHead(307, { location: 'http://registry.example/layer' }).end();
      return true;
    });
    expect((await pull(SECRET))?.code).toBe('REGISTRY_INSECURE');
  });

  test('redirects in a circle end', async () => {
    registry.misbehave((request, response) => {
      response.writeHead(307, { location: request.url! }).end();
      return true;
    });
    expect((await pull())?.code).toBe('REGISTRY_ANSWER_INVALID');
  });

  test.each(['http://registry.example/token', 'file:///etc/passwd', 'ftp://127.0.0.1/'])(
    'a token service at %s is not asked',
    async (realm) => {
      registry.misbehave((_, response) => {
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end();
        return true;
      });
      const failure = await pull(SECRET);
      expect(failure?.code).toBe('REGISTRY_INSECURE');
      expect(JSON.stringify(failure)).not.toContain('hunter2');
    },
  );

  test('a token service on another host gets no password', () =>
    elsewhere(
      async (origin, headers) => {
        registry.misbehave((_, response) => {
          response.writeHead(401, { 'www-authenticate': `Bearer realm="${origin}/token"` }).end();
          return true;
        });
        expect((await pull(SECRET))?.code).toBe('REGISTRY_INSECURE');
        expect(headers).toEqual([]);
      },
      () => '{"token":"t"}',
    ));

  test('a token that expires in between is replaced', async () => {
    let issued = 0;
    registry.misbehave((request, response) => {
      const { authorization } = request.headers;
      if (request.url!.startsWith('/token')) {
        expect(authorization).toBe(basic);
        expect(request.url).toContain('scope=repository%3Aapp%3Apull');
        response.end(JSON.stringify({ token: `t${++issued}` }));
        return true;
      }
      const wanted = wantsLayer(request) ? 'Bearer t2' : 'Bearer t1';
      if (authorization === wanted || authorization === 'Bearer t2') return false;
      const realm = `Bearer realm="http://${registry.host}/token",service="s",scope="repository:app:pull"`;
      response.writeHead(401, { 'www-authenticate': realm }).end();
      return true;
    });
    expect(await pull(SECRET)).toBeUndefined();
    expect(issued).toBe(2);
  });

  test('a token that is never good enough', async () => {
    registry.misbehave((request, response) => {
      if (request.url!.startsWith('/token')) response.end('{"token":"t"}');
      else {
        const realm = `Bearer realm="http://${registry.host}/token"`;
        response.writeHead(401, { 'www-authenticate': realm }).end();
      }
      return true;
    });
    expect((await pull(SECRET))?.code).toBe('REGISTRY_DENIED');
  });
});
