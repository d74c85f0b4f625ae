import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CLI_COMMAND, slipway, type CliResult } from './support/cli.ts';
import { startDockerRegistry, USER, type DockerRegistry } from './support/docker-registry.ts';
import { useCliBench } from './support/cli-bench.ts';

const bench = useCliBench();
let registry: DockerRegistry;
let name = '';
beforeAll(async () => {
  registry = await startDockerRegistry(true);
});
afterAll(() => registry?.close());
beforeEach(async () => {
  name = `${registry.host}/team/app:1`;
  await bench.build('-t', name);
});

const docker = (): string => join(bench.place(), 'docker');
const config = (): string => join(docker(), 'config.json');

const environment = (): Record<string, string> => ({
  SLIPWAY_STORE: bench.store(),
  DOCKER_CONFIG: docker(),
  PATH: `${bench.place()}/bin:${process.env['PATH']}`,
});

const cli = (...args: string[]): Promise<CliResult> =>
  slipway(args, { cwd: bench.place(), env: environment() });

async function login(password: string): Promise<{ code: number; stderr: string }> {
  const args = [CLI_COMMAND[1], 'login', '-u', USER.name, '--password-stdin', registry.host];
  const child = spawn(CLI_COMMAND[0], args, { env: { ...process.env, ...environment() } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(`${password}\n`);
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

test('who does not say who they are is asked at the terminal, and the password is not shown', async () => {
  const command = `${CLI_COMMAND.join(' ')} login ${registry.host}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...process.env, ...environment() },
  });
  let shown = '';
  const answers = new Map([
    [`Username at ${registry.host}: `, USER.name],
    ['Password: ', USER.password],
  ]);
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    for (const [question, answer] of answers) {
      if (!shown.includes(question)) continue;
      answers.delete(question);
      child.stdin.write(`${answer}\r`);
    }
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code, shown).toBe(0);
  expect(shown).toContain(`Logged in to ${registry.host}.`);
  expect(shown).not.toContain(USER.password);
  expect(statSync(config()).mode & 0o777).toBe(0o600);
});

test('where there is no terminal it says what to write instead', async () => {
  const { code, stderr } = await cli('login', registry.host);
  expect(code).toBe(1);
  expect(stderr).toContain('There is no terminal to ask');
  expect(stderr).toContain(`slipway login -u NAME --password-stdin ${registry.host}`);
});

test('login, push, pull, logout', async () => {
  const refused = await cli('push', name);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`slipway login ${registry.host}`);

  mkdirSync(docker());
  writeFileSync(config(), '{"auths":{"other.example":{"auth":"eDp5"}},"psFormat":"table"}');
  expect(await login(USER.password)).toEqual({ code: 0, stderr: '' });
  expect(statSync(config()).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(config(), 'utf8'))).toEqual({
    auths: {
      'other.example': { auth: 'eDp5' },
      [registry.host]: { auth: Buffer.from(`${USER.name}:${USER.password}`).toString('base64') },
    },
    psFormat: 'table',
  });

  expect((await cli('push', name)).code).toBe(0);
  await cli('rmi', name);
  expect((await cli('pull', name)).code).toBe(0);

  expect((await cli('logout', registry.host)).stdout).toContain('Logged out');
  expect(readFileSync(config(), 'utf8')).not.toContain(registry.host);
  expect((await cli('pull', name)).code).toBe(1);
});

test('a wrong password is not kept, and not shown', async () => {
  const { code, stderr } = await login('wrong-password');
  expect(code).toBe(1);
  expect(stderr).toContain('does not allow this');
  expect(stderr).not.toContain('wrong-password');
  expect(() => statSync(config())).toThrow();
});

test('a credential helper is asked, and told', async () => {
  mkdirSync(join(bench.place(), 'bin'));
  const helper = join(bench.place(), 'bin', 'docker-credential-test');
  const kept = join(bench.place(), 'kept');
  writeFileSync(
    helper,
    `#!/bin/sh\ncase $1 in get) cat '${kept}';; store) cat >'${kept}';; erase) rm '${kept}';; esac\n`,
  );
  chmodSync(helper, 0o755);
  mkdirSync(docker());
  writeFileSync(config(), JSON.stringify({ credHelpers: { [registry.host]: 'test' } }));
  expect((await login(USER.password)).code).toBe(0);
  expect(readFileSync(config(), 'utf8')).not.toContain('auth');
  expect((await cli('push', name)).code).toBe(0);
  expect((await cli('logout', registry.host)).code).toBe(0);
  expect(() => statSync(kept)).toThrow();
});

test('a helper whose name is a path is not run', async () => {
  mkdirSync(docker());
  writeFileSync(config(), JSON.stringify({ credsStore: '../../bin/sh' }));
  const { code, stderr } = await cli('push', name);
  expect(code).toBe(1);
  expect(stderr).toContain('names a credential helper badly');
});
