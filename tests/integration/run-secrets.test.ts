import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asIdentity, findIdentity } from '../../electron/engine/base/identity.ts';
import { BASE_FILES, commandLines, lines, openBench, type RunBench } from './support/run-bench.ts';
import type { Tree } from './support/tree.ts';

/** What a build gives to its RUNs, with the real runtime: secrets, agents, rights and limits; and where none of it may get. */

let bench: RunBench;
let build: RunBench['build'];
let place: string;

beforeAll(async () => {
  bench = await openBench();
  ({ build, place } = bench);
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('secret', () => {
  const value = `S3CR3T-${randomUUID()}`;
  const secrets = [
    { id: 'token', value },
    { id: 'none', value: '' },
  ];

  test('is a file in memory for its owner, or a variable, and nowhere else', async () => {
    const text = `RUN --mount=type=secret,id=token busybox stat -c '%a %u %g' /run/secrets/token; busybox test "$(cat /run/secrets/token)" = "$(busybox base64 -d /etc/key)" || exit 9; busybox mount | busybox grep secrets | busybox cut -d' ' -f5; echo x > /run/secrets/token || echo refused
RUN --mount=type=secret,id=token,target=/etc/t,mode=0440,uid=1000,gid=1001 busybox stat -c '%a %u %g' /etc/t
RUN --mount=type=secret,id=token,env=TOKEN [ "$TOKEN" = "$(busybox base64 -d /etc/key)" ]; ls /run || echo no run
RUN --mount=type=secret,id=other,env=OTHER --mount=type=secret,id=other ls /run/secrets || echo "none \${OTHER-unset}"
RUN true`;
    const { log, files } = await build(`COPY key /etc/key\n${text}`, {
      secrets,
      tree: { key: Buffer.from(value).toString('base64') },
    });
    expect(lines(log)).toEqual(
      expect.arrayContaining(['400 0 0', 'tmpfs', 'refused', '440 1000 1001', 'no run', 'none unset']),
    );
    expect(files).toEqual([...BASE_FILES, 'etc/key'].sort());
    expect(await found(value)).toEqual([]);
  });

  test('another value runs nothing again', async () => {
    const text = 'RUN --mount=type=secret,id=token cat /run/secrets/token > /dev/null';
    await build(text, { secrets });
    expect((await build(text, { secrets: [{ id: 'token', value: 'x' }] })).states.at(-1)).toBe('cached');
  });

  test('one that is required and was not given', async () => {
    await expect(build('RUN --mount=type=secret,id=t,required true')).rejects.toMatchObject({
      code: 'RUN_SECRET_MISSING',
      message: 'The secret "t" is required, and this build was not given it.',
      hint: 'Give it with --secret id=t,src=FILE or --secret id=t,env=NAME.',
      range: { startLine: 5 },
    });
  });

  test('is in no argument list and no file while the step runs, nor after the builder was killed', async () => {
    const running = await bench.start(
      `RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=T echo up-$((1 + 1)); busybox sleep 4332`,
      ['--secret', 'id=token,env=SOURCE'],
      { SOURCE: value },
    );
    await running.printed(' up-2');
    expect(commandLines().filter((line) => line.includes(value))).toEqual([]);
    expect(await found(value)).toEqual([]);
    running.child.kill('SIGKILL');
    await running.result;
    expect(await found(value)).toEqual([]);
  });
});

describe('ssh', () => {
  let agent: ChildProcess;
  let socket: string;
  let key: string;

  beforeAll(async () => {
    socket = join(place, 'agent.sock');
    key = join(place, 'id_ed25519');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'key of the test', '-f', key]);
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(agent.stdout!, 'data');
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  });
  afterAll(() => void agent.kill());

  /** What ssh-add needs, from this machine. */
  const ssh: Tree = { 'etc/passwd': 'root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n' };
  const withSsh = (text: string): string => `COPY ssh /
${text}`;
  const tree = (): Tree => ({ ...prefixed('ssh', { ...ssh, ...programTree('/usr/bin/ssh-add') }) });

  test('lists and uses the keys of an agent, and can take none away', async () => {
    const { log, files } = await build(
      withSsh(`RUN --mount=type=ssh exec 2>&1; echo $SSH_AUTH_SOCK; busybox stat -c '%a %u' $SSH_AUTH_SOCK; ssh-add -l; ssh-add -T /key.pub && echo signed; ssh-add -D || echo kept; ssh-add -x </dev/null || echo open; ssh-add -l
RUN --mount=type=ssh,required,target=/a/s,mode=0660,uid=1000,gid=1001 busybox stat -c '%a %u %g' /a/s
USER app
RUN --mount=type=ssh,uid=1000 ssh-add -l`),
      {
        ssh: [{ id: 'default', paths: [socket] }],
        tree: { ...tree(), 'ssh/key.pub': readFileSync(`${key}.pub`, 'utf8') },
      },
    );
    const shown = lines(log);
    expect(shown).toEqual(
      expect.arrayContaining(['/run/buildkit/ssh_agent.0', '600 0', 'signed', 'kept', '660 1000 1001']),
    );
    expect(
      shown.filter((line) => line.includes('key of the test') && line.includes('ED25519')).length,
    ).toBeGreaterThanOrEqual(3);
    expect(files.filter((name) => /^(run|a)(\/|$)/.test(name))).toEqual([]);
  });

  test('key files: an agent that ends with the build', async () => {
    const { log } = await build(withSsh('RUN --mount=type=ssh,id=deploy ssh-add -l'), {
      ssh: [{ id: 'deploy', paths: [key] }],
      tree: tree(),
    });
    expect(log).toContain('key of the test');
    expect(commandLines().filter((line) => line.startsWith('ssh-agent') && line.includes(place))).toEqual([
      `ssh-agent -D -a ${socket}`,
    ]);
  });

  test('one that is required and was not given; a key with a passphrase', async () => {
    await expect(build('RUN --mount=type=ssh,required true')).rejects.toMatchObject({
      code: 'RUN_SSH_MISSING',
      hint: 'Give it with --ssh default.',
    });
    const locked = join(place, 'locked');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked]);
    const given = { ssh: [{ id: 'default', paths: [locked] }] };
    await expect(build('RUN --mount=type=ssh true # locked', given)).rejects.toMatchObject({
      code: 'SSH_KEY',
    });
  });
});

test('rights that were not granted are refused at their line; granted they are had', async () => {
  const insecure = 'RUN --security=insecure busybox mount -t tmpfs none /bin/../etc && echo mounted';
  await expect(build(insecure)).rejects.toMatchObject({
    code: 'RUN_NOT_GRANTED',
    hint: 'Add --allow security.insecure to the build if you trust the Dockerfile.',
    range: { startLine: 5 },
  });
  expect((await build(insecure, { grants: ['security.insecure'] })).log).toContain('mounted');
  await expect(build('RUN --network=host true')).rejects.toMatchObject({ code: 'RUN_NOT_GRANTED' });
  const none = await build('RUN ls /sys/class/net', { network: 'none' });
  expect(lines(none.log)).toEqual(['lo']);
});

test('hosts, ulimits, /dev/shm and a failing command’s last lines', async () => {
  const { log } = await build('RUN cat /etc/hosts; ulimit -n; busybox df -k /dev/shm | busybox tail -n 1', {
    sandbox: {
      hosts: [{ name: 'db', address: '10.0.0.7' }],
      shmSize: 2 << 20,
      ulimits: [{ name: 'nofile', soft: 123, hard: 456 }],
      limits: {},
    },
  });
  expect(log).toContain('10.0.0.7\tdb');
  expect(lines(log)).toContain('123');
  expect(log).toMatch(/\b2048\b.*\/dev\/shm/);
  await expect(build('RUN echo one; echo two >&2; exit 3')).rejects.toMatchObject({
    code: 'RUN_FAILED',
    command: { exitCode: 3, lastLines: expect.arrayContaining(['one', 'two']) as unknown },
  });
});

/** Files of the store that hold this text, whoever owns them; layers built here are not compressed. */
async function found(text: string): Promise<readonly string[]> {
  const words = ['grep', ['-rlaF', '-D', 'skip', '-f', '-', join(place, 'store')]] as const;
  const [program, ...args] = asIdentity(await findIdentity(), ...words);
  const { stdout, stderr } = spawnSync(program!, args, { input: text, encoding: 'utf8' });
  expect(stderr).toBe('');
  return lines(stdout);
}

function prefixed(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, node]) => [`${folder}/${path}`, node]));
}

/** A program of this machine with the libraries that it loads. */
function programTree(program: string): Tree {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  const libraries = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
  return Object.fromEntries(
    [program, ...libraries].map((path) => [path.slice(1), { text: readFileSync(path), mode: 0o755 }]),
  );
}
