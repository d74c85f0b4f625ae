import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startConnectProxy, type ConnectProxy } from '../../../tests/support/connect-proxy.ts';
import { startFakeRegistry, type FakeRegistry } from '../../../tests/support/fake-registry.ts';
import { withBench } from '../../../tests/support/image-fixture.ts';
import type { Environment } from './credentials.ts';
import { createRegistries } from './registries.ts';

const TIMING = { answer: 1_000, idle: 300, backOff: 1 };
const basic = (name: string): string => `Basic ${Buffer.from(`${name}:secret`).toString('base64')}`;

let home = '';
let origin: FakeRegistry;
let mirror: FakeRegistry;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-registries-'));
  [origin, mirror] = await Promise.all([startFakeRegistry(), startFakeRegistry()]);
});
afterEach(async () => {
  await Promise.all([origin.close(), mirror.close()]);
  await rm(home, { recursive: true, force: true });
});

async function write(name: string, value: unknown): Promise<void> {
  await mkdir(join(home, name, '..'), { recursive: true });
  await writeFile(join(home, name), JSON.stringify(value));
}

/** Pulls into a fresh store with this settings' home; answers the code it failed with. */
async function pull(
  domain = origin.host,
  environment: Environment = {},
): Promise<{ readonly code?: string; readonly message?: string } | undefined> {
  let failure: Error | undefined;
  await withBench(async ({ store, pool }) => {
    using lease = store.lease('test');
    const services = { store, pool, now: () => new Date() };
    const registries = createRegistries(services, { HOME: home, ...environment }, TIMING);
    try {
      const { reference } = await registries.pull(`${domain}/app:1`, lease);
      expect(reference).toBe(`${domain}/app:1`);
    } catch (error) {
      failure = error as Error;
    }
    expect(store.references.list()).toHaveLength(failure ? 0 : 1);
  });
  return failure;
}

const paths = (registry: FakeRegistry): readonly string[] => registry.seen.map(({ path }) => path);

describe('mirrors', () => {
  beforeEach(() =>
    write('.config/slipway/settings.json', {
      registries: { [origin.host]: { mirrors: [`http://${mirror.host}`] } },
    }),
  );

  test('are asked first, and then nobody else', async () => {
    expect(await pull()).toBeUndefined();
    expect(mirror.seen).toHaveLength(3);
    expect(origin.seen).toEqual([]);
  });

  test('may have images under another path', async () => {
    await write('.config/slipway/settings.json', {
      registries: { [origin.host]: { mirrors: [`http://${mirror.host}/cache/hub`] } },
    });
    await pull();
    expect(paths(mirror)).toEqual(['/v2/cache/hub/app/manifests/1']);
  });

  test.each([404, 401, 429, 500])('one that answers %d is passed over', async (status) => {
    mirror.misbehave((_, response) => {
      response.writeHead(status).end();
      return true;
    });
    expect(await pull()).toBeUndefined();
    expect(origin.seen).toHaveLength(3);
  });

  test('one that is not there is passed over', async () => {
    await mirror.close();
    expect(await pull()).toBeUndefined();
  });

  test('what one gets wrong comes from the registry, the rest not again', async () => {
    mirror.misbehave((request, response) => {
      if (!request.url!.endsWith(mirror.layer.digest)) return false;
      response.end(Buffer.alloc(mirror.layer.bytes.length));
      return true;
    });
    expect(await pull()).toBeUndefined();
    expect(paths(origin).filter((path) => path.includes('/blobs/'))).toEqual([
      `/v2/app/blobs/${origin.layer.digest}`,
    ]);
  });

  test('each sees its own password, never the other’s', async () => {
    const auth = (name: string): object => ({ auth: basic(name).slice('Basic '.length) });
    await write('.docker/config.json', {
      auths: { [origin.host]: auth('origin'), [mirror.host]: auth('mirror') },
    });
    const secured = (registry: FakeRegistry, name: string): void =>
      registry.misbehave((request, response) => {
        if (request.headers.authorization === basic(name)) return false;
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        return true;
      });
    secured(mirror, 'somebody');
    secured(origin, 'origin');
    expect(await pull()).toBeUndefined();
    const sent = (registry: FakeRegistry): unknown => [
      ...new Set(registry.seen.flatMap(({ authorization }) => authorization ?? [])),
    ];
    expect(sent(mirror)).toEqual([basic('mirror')]);
    expect(sent(origin)).toEqual([basic('origin')]);
  });

  test('an image that neither has is told as the registry’s', async () => {
    for (const registry of [mirror, origin])
      registry.misbehave((_, response) => {
        response.writeHead(404).end();
        return true;
      });
    const failure = await pull();
    expect(failure).toMatchObject({ code: 'REGISTRY_IMAGE_NOT_FOUND' });
    expect(failure!.message).toContain(origin.host);
  });
});

describe('proxies', () => {
  let proxy: ConnectProxy;
  beforeEach(async () => {
    proxy = await startConnectProxy();
  });
  afterEach(() => proxy.close());
  const port = (): string => origin.host.split(':')[1]!;
  const elsewhere = (): string => `registry.test:${port()}`;
  const insecure = (): Promise<void> =>
    write('.config/slipway/settings.json', { registries: { [elsewhere()]: { insecure: true } } });

  test.each(['HTTP_PROXY', 'http_proxy'])('%s, for a registry that is marked as insecure', async (name) => {
    await insecure();
    expect(await pull(elsewhere(), { [name]: proxy.url })).toBeUndefined();
    expect(proxy.seen).toHaveLength(3);
    expect(proxy.seen[0]).toBe(`GET http://${elsewhere()}/v2/app/manifests/1`);
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    '%s, for one that is not, which is spoken to in TLS',
    async (name) => {
      const failure = await pull(elsewhere(), { [name]: proxy.url.slice('http://'.length) });
      expect(proxy.seen[0]).toBe(`CONNECT ${elsewhere()}`);
      expect(failure).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
      expect(failure!.message).toContain('TLS');
      expect(origin.seen).toEqual([]);
    },
  );

  test('the lower-case form wins', async () => {
    await insecure();
    const environment = { http_proxy: proxy.url, HTTP_PROXY: 'http://127.0.0.1:1' };
    expect(await pull(elsewhere(), environment)).toBeUndefined();
  });

  test.each(['NO_PROXY', 'no_proxy'])('%s is kept to', async (name) => {
    await insecure();
    const failure = await pull(elsewhere(), { HTTP_PROXY: proxy.url, [name]: 'other.test,.test' });
    expect(failure).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(proxy.seen).toEqual([]);
  });

  test('never for this machine', async () => {
    const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    for (const host of ['127.0.0.1', 'localhost'])
      expect(await pull(`${host}:${port()}`, environment)).toBeUndefined();
    expect(proxy.seen).toEqual([]);
  });

  test.each([403, 407, 502])(
    'one that answers CONNECT with %d is named as what is in the way',
    async (status) => {
      proxy.refuse(status);
      const failure = await pull(elsewhere(), { HTTPS_PROXY: proxy.url.replace('//', '//me:hunter2@') });
      expect(failure).toMatchObject({ code: 'REGISTRY_PROXY_REFUSED' });
      expect(failure!.message).not.toContain('hunter2');
    },
  );

  test.each(['socks5://127.0.0.1:1', 'http://', 'ftp://x'])(
    '%s is refused, not passed by',
    async (address) => {
      await insecure();
      expect(await pull(elsewhere(), { HTTP_PROXY: address })).toMatchObject({
        code: 'REGISTRY_PROXY_INVALID',
      });
    },
  );
});
