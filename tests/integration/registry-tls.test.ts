import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startConnectProxy, type ConnectProxy } from '../support/connect-proxy.ts';
import { createAuthority, type Authority, type Certificate } from './support/certificates.ts';
import { CLI_COMMAND, slipway, type CliResult } from './support/cli.ts';
import { useCliBench } from './support/cli-bench.ts';
import { startDockerRegistry, USER } from './support/docker-registry.ts';

/** A registry with TLS, as on the network: by a name, which only the proxy can resolve. */

const NAME = 'registry.test';
const bench = useCliBench();
let folder = '';
let authority: Authority;
let proxy: ConnectProxy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-tls-'));
  authority = await createAuthority(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  proxy = await startConnectProxy();
});
afterEach(() => proxy.close());

const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  SLIPWAY_STORE: bench.store(),
  DOCKER_CONFIG: join(bench.place(), 'docker'),
  HTTPS_PROXY: proxy.url,
  NODE_EXTRA_CA_CERTS: authority.certificate,
  ...more,
});

const cli = (args: readonly string[], more?: Record<string, string>): Promise<CliResult> =>
  slipway(args, { cwd: bench.place(), env: environment(more) });

test('login, push and pull through a proxy, which sees no more than the name', async () => {
  const registry = await startDockerRegistry(true, await authority.sign(NAME));
  try {
    const host = `${NAME}:${registry.host.split(':')[1]}`;
    const login = spawn(
      CLI_COMMAND[0],
      [CLI_COMMAND[1], 'login', '-u', USER.name, '--password-stdin', host],
      { env: { ...process.env, ...environment() }, stdio: ['pipe', 'ignore', 'ignore'] },
    );
    login.stdin.end(USER.password);
    expect(await once(login, 'close')).toEqual([0, null]);
    await bench.build('-t', `${host}/app:1`);
    const pushed = await cli(['push', `${host}/app:1`]);
    expect(pushed.code, pushed.stderr).toBe(0);
    await cli(['rmi', `${host}/app:1`]);
    const pulled = await cli(['pull', `${host}/app:1`]);
    expect(pulled.code, pulled.stderr).toBe(0);
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT ${host}`]));
  } finally {
    await registry.close();
  }
});

/** A server with this certificate that must not be sent anything. */
async function untrusted(tls: Certificate, more?: Record<string, string>): Promise<CliResult> {
  let requests = 0;
  const server = createServer(
    { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) },
    (_, response) => {
      requests++;
      response.end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await cli(['pull', `${NAME}:${(server.address() as AddressInfo).port}/app:1`], more);
  } finally {
    server.closeAllConnections();
    server.close();
    expect(requests).toBe(0);
  }
}

test('a certificate of an authority that nobody knows', async () => {
  const { code, stderr } = await untrusted(await authority.sign(NAME), { NODE_EXTRA_CA_CERTS: '' });
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be trusted');
  expect(stderr).toContain('NODE_EXTRA_CA_CERTS');
});

test('one that has run out', async () => {
  const { code, stderr } = await untrusted(await authority.sign(NAME, 0));
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be trusted (CERT_HAS_EXPIRED)');
});

test('one of another host', async () => {
  const { code, stderr } = await untrusted(await authority.sign('other.test'));
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be trusted (ERR_TLS_CERT_ALTNAME_INVALID)');
});
