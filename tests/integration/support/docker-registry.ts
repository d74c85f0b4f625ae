import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';

/** Debian's docker-registry on a free port of this machine, with storage of its own. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** What it has written to its log so far. */
  log(): string;
  close(): Promise<void>;
}

/** The one user of a registry that asks for a password. */
export const USER = { name: 'me', password: 'secret' };
const HASH = '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

/**
 * Starts a registry and waits until it listens; `secured` asks for {@link USER} by Basic authentication, `tls` has it speak
 * nothing else.
 */
export async function startDockerRegistry(secured = false, tls?: Certificate): Promise<DockerRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const htpasswd = join(directory, 'htpasswd');
  await writeFile(htpasswd, `${USER.name}:${HASH}\n`);
  const config = {
    version: '0.1',
    log: { accesslog: { disabled: false }, level: 'info' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr: host, ...(tls ? { tls } : {}) },
    ...(secured ? { auth: { htpasswd: { realm: 'test', path: htpasswd } } } : {}),
  };
  const file = join(directory, 'config.yml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`docker-registry ended: ${log}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('listening on')) resolve();
      });
    }
  });
  return {
    host,
    log: () => log,
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
