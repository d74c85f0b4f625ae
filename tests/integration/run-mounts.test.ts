import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildRequest } from '../../electron/engine/build/build-request.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import type { BuildEvent } from '../../shared/build-events.ts';
import { startSlipway } from './support/cli.ts';
import { listDirectory } from './support/listing.ts';
import { writeTree, type Tree } from './support/tree.ts';

/** RUN --mount with the real runtime: what commands see of each type, what stays, and what never gets anywhere. */

const BASE = `FROM scratch AS base
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY passwd /etc/passwd
`;
const BASE_FILES = ['bin', 'bin/busybox', 'bin/sh', 'etc', 'etc/passwd'];

let place: string;
let engine: Engine;
let count = 0;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'slipway-mounts-'));
  engine = await createEngine({ store: join(place, 'store') });
});
afterAll(async () => {
  await engine.close();
  await rm(place, { recursive: true, force: true });
});

describe('bind', () => {
  test('shows a folder or a file of the context, read-only, and is not in the image', async () => {
    const { log, files } = await build(
      `RUN --mount=type=bind,source=d,target=/in --mount=source=one.txt,target=/etc/one \\
  cat /in/a /in/below/b /etc/one; echo x > /in/new || echo refused; echo x > /etc/one || echo refused`,
      { tree: { 'd/a': 'a\n', 'd/below/b': { text: 'b\n', mode: 0o600 }, 'one.txt': 'one\n' } },
    );
    expect(lines(log)).toEqual(expect.arrayContaining(['a', 'b', 'one', 'refused']));
    expect(lines(log).filter((line) => line === 'refused')).toHaveLength(2);
    expect(files).toEqual(BASE_FILES);
  });

  test('rw: what is written is gone after the step', async () => {
    const { log, files } = await build(
      `RUN --mount=type=bind,source=d,target=/in,rw echo more >> /in/a && cat /in/a && cp /in/a /kept
RUN --mount=type=bind,source=d,target=/in,rw cat /in/a`,
      { tree: { 'd/a': 'a\n' } },
    );
    expect(lines(log)).toEqual(['a', 'more', 'a']);
    expect(files).toEqual([...BASE_FILES, 'kept']);
    expect(readFileSync(join(place, 'project/d/a'), 'utf8')).toBe('a\n');
  });

  test('of a stage and of an image, also what their links lead to, written to in vain', async () => {
    await build('RUN mkdir /data && echo image > /data/i', { tags: ['mounted:1'] });
    const { log, files } = await build(
      `FROM base AS other
RUN mkdir /real && echo stage > /real/s && busybox ln -s /real /link
FROM base
RUN --mount=from=other,source=/link,target=/a,rw --mount=from=mounted:1,source=data,target=/b \\
  cat /a/s /b/i; echo new > /a/s && cat /a/s; echo x > /b/i || echo refused
RUN --mount=from=other,source=link/s,target=/s cat /s`,
    );
    expect(lines(log)).toEqual(expect.arrayContaining(['stage', 'image', 'new', 'refused']));
    expect(lines(log).at(-1)).toBe('stage');
    expect(files).toEqual(BASE_FILES);
  });

  test('a link of the context or of a stage never leads to the machine', async () => {
    const canary = join(place, 'canary');
    writeFileSync(canary, 'the canary\n');
    const tree: Tree = {
      'd/out': { symlink: canary },
      'd/up': { symlink: '../..' },
      whole: { symlink: '/' },
    };
    const { log } = await build(
      `RUN --mount=source=d,target=/in,rw cat /in/out || echo 1; ls /in/up; echo x > /in/out || echo 2`,
      { tree },
    );
    expect(log).not.toContain('the canary');
    expect(lines(log)).toContain('1');
    const whole = `RUN --mount=source=whole,target=/in,rw ls /in; cat /in${canary} || echo 1`;
    expect((await build(whole, { tree })).log).toContain('Dockerfile');
    const stage = `FROM base AS evil
RUN busybox ln -s / /r
FROM base
RUN --mount=from=evil,source=/r,target=/h,rw cat /h${canary} || echo inside; mkdir -p /h${place} && echo x > /h${canary}`;
    expect(lines((await build(stage)).log)).toContain('inside');
    expect(readFileSync(canary, 'utf8')).toBe('the canary\n');
  });

  test('runs again when what it shows has changed, and only then', async () => {
    const text = 'RUN --mount=source=d,target=/in cat /in/a';
    await build(text, { tree: { 'd/a': '1', other: '1' } });
    const again = await build(text, { tree: { 'd/a': '1', other: '2' } });
    expect(again.states.at(-1)).toBe('cached');
    expect((await build(text, { tree: { 'd/a': '2', other: '2' } })).states.at(-1)).toBe('built');
  });

  test('.dockerignore counts; what is not there is named with its line', async () => {
    const tree = { '.dockerignore': 'd/secret\n', 'd/a': 'a', 'd/secret': 's' };
    expect(lines((await build('RUN --mount=source=d,target=/in ls /in', { tree })).log)).toEqual(['a']);
    await expect(build('RUN --mount=source=d/secret,target=/in true', { tree })).rejects.toMatchObject({
      code: 'COPY_SOURCE_NOT_FOUND',
      hint: 'It is excluded by .dockerignore.',
      range: { startLine: 5 },
    });
  });
});

describe('tmpfs', () => {
  test('is empty, has its size, and leaves nothing', async () => {
    const { log, files } = await build(
      'WORKDIR /w\nRUN --mount=type=tmpfs,target=t/deep,size=1m ls -A t/deep; busybox df -k /w/t/deep | busybox tail -n 1; echo x > t/deep/x',
    );
    expect(log).toMatch(/\b1024\b.*\/w\/t\/deep/);
    expect(files).toEqual([...BASE_FILES, 'w']);
  });

  test('a command that puts a link in the place of the target’s parent harms nothing', async () => {
    const canary = join(place, 'canary-folder');
    mkdirSync(canary, { recursive: true });
    writeFileSync(join(canary, 'y'), '');
    const { files } = await build(
      `RUN --security=insecure --mount=type=tmpfs,target=/x/y busybox umount /x/y && busybox rm -rf /x && busybox ln -s ${canary} /x`,
      { grants: ['security.insecure'] },
    );
    expect(readdirSync(canary)).toEqual(['y']);
    expect(files).toEqual([...BASE_FILES, 'x']);
  });
});

describe('cache', () => {
  test('stays from step to step and from build to build, and is not in the image', async () => {
    const id = randomUUID();
    const text = (step: string): string =>
      `RUN --mount=type=cache,id=${id},target=/cache echo ${step} >> /cache/log; cat /cache/log`;
    expect(lines((await build(`${text('1')}\n${text('2')}`)).log)).toEqual(['1', '1', '2']);
    const { log, files } = await build(text('3'));
    expect(lines(log)).toEqual(['1', '2', '3']);
    expect(files).toEqual(BASE_FILES);
  });

  test('another owner or mode is another folder; an id that climbs is a name like any other', async () => {
    const id = `../../../../${randomUUID()}`;
    const { log } = await build(
      `RUN --mount=type=cache,id=${id},target=/c,mode=0751,uid=1000,gid=1001 busybox stat -c '%a %u %g' /c; touch /c/mine
USER app
RUN --mount=type=cache,id=${id},target=/c,mode=0751,uid=1000,gid=1001 ls /c && touch /c/own
RUN --mount=type=cache,id=${id},target=/c ls -A /c; touch /c/x || echo refused`,
    );
    expect(lines(log)).toEqual(expect.arrayContaining(['751 1000 1001', 'mine', 'refused']));
    expect(lines(log).filter((line) => line === 'mine')).toHaveLength(1);
  });

  test('begins as a copy of `from`, of which `source` shows a part; ro', async () => {
    const id = randomUUID();
    const { log } = await build(
      `FROM base AS seed
RUN mkdir -p /seed/deep && echo grain > /seed/deep/g && busybox ln -s /seed /l
FROM base
RUN --mount=type=cache,id=${id},from=seed,source=/l/deep,target=/c cat /c/g; echo more > /c/h
RUN --mount=type=cache,id=${id},from=seed,source=/seed,target=/c,ro cat /c/deep/h; echo x > /c/x || echo refused`,
    );
    expect(lines(log)).toEqual(expect.arrayContaining(['grain', 'more', 'refused']));
  });

  test('locked: two builds at once take turns', async () => {
    const id = randomUUID();
    const text = (n: number): string =>
      `RUN --mount=type=cache,id=${id},sharing=locked,target=/c echo start >> /c/log; busybox sleep 0.5; echo end >> /c/log # ${n}`;
    await Promise.all([other(text(1)), other(text(2)), build(text(3), { wanted: false })]);
    const { log } = await build(`RUN --mount=type=cache,id=${id},target=/c cat /c/log`);
    expect(lines(log)).toEqual(['start', 'end', 'start', 'end', 'start', 'end']);
  });

  test('shared: two builds at once see each other; private: neither', async () => {
    const meet = (id: string, sharing: string, me: string, you: string): string =>
      `RUN --mount=type=cache,id=${id},sharing=${sharing},target=/c touch /c/${me}; for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /c/${you} ] && echo met && exit; busybox sleep 0.3; done; echo alone # ${id}`;
    const both = async (id: string, sharing: string): Promise<readonly string[]> =>
      Promise.all([
        other(meet(id, sharing, 'a', 'b')),
        build(meet(id, sharing, 'b', 'a'), { wanted: false }).then(({ log }) => log),
      ]);
    for (const log of await both(randomUUID(), 'shared')) expect(log).toContain('met');
    for (const log of await both(randomUUID(), 'private')) expect(log).toContain('alone');
  });

  test('a builder that is killed gives its locked folder up', async () => {
    const id = randomUUID();
    const folder = await project(
      `${BASE}RUN --mount=type=cache,id=${id},sharing=locked,target=/c touch /c/kept; echo up-$((1 + 1)); busybox sleep 4331`,
    );
    const running = startSlipway(['build', '--progress=plain', folder], environment());
    await running.printed(' up-2');
    running.child.kill('SIGKILL');
    await running.result;
    const { log } = await build(`RUN --mount=type=cache,id=${id},sharing=locked,target=/c ls /c`);
    expect(lines(log)).toEqual(['kept']);
  });

  test('--no-cache begins it anew, once in a build', async () => {
    const id = randomUUID();
    const step = `RUN --mount=type=cache,id=${id},target=/c touch /c/$(ls /c | busybox wc -l); ls /c`;
    await build(step);
    const { log } = await build(`${step}\n${step} # again`, { noCache: true });
    expect(lines(log)).toEqual(['0', '0', '1']);
  });

  test('a part of it that others turn into a link meanwhile never leads to the machine', async () => {
    const id = randomUUID();
    const canary = join(place, 'leak');
    mkdirSync(canary);
    writeFileSync(join(canary, 'leaked'), '');
    const flip = `RUN --mount=type=cache,id=${id},target=/c mkdir -p /c/sel; echo up; i=0; while [ $i -lt 3000 ]; do i=$((i+1)); busybox rm -rf /c/sel; busybox ln -s ${canary} /c/sel; busybox rm -f /c/sel; busybox mkdir /c/sel; done`;
    await build(`RUN --mount=type=cache,id=${id},target=/c mkdir /c/sel`);
    const flipping = other(flip);
    const seen: string[] = [];
    for (let n = 0; n < 12; n++) {
      await build(`RUN --mount=type=cache,id=${id},source=sel,target=/s ls /s; touch /s/made # ${n}`, {
        wanted: false,
      })
        .then(({ log }) => seen.push(log))
        .catch((error: { code: string }) => seen.push(error.code));
    }
    await flipping;
    expect(seen.join()).not.toContain('leaked');
    expect(readdirSync(canary)).toEqual(['leaked']);
  });
});

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
    expect(found(value)).toEqual([]);
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
    const folder = await project(
      `${BASE}RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=T echo up-$((1 + 1)); busybox sleep 4332`,
    );
    const running = startSlipway(['build', '--progress=plain', '--secret', 'id=token,env=SOURCE', folder], {
      env: { ...environment().env, SOURCE: value },
    });
    await running.printed(' up-2');
    const shown = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
    expect(shown.filter((line) => line.includes(value))).toEqual([]);
    expect(found(value)).toEqual([]);
    running.child.kill('SIGKILL');
    await running.result;
    expect(found(value)).toEqual([]);
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
      withSsh(`RUN --mount=type=ssh echo $SSH_AUTH_SOCK; busybox stat -c '%a %u' $SSH_AUTH_SOCK; ssh-add -l; ssh-add -T /key.pub && echo signed; ssh-add -D || echo kept; ssh-add -x </dev/null || echo open; ssh-add -l
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
    expect(processesWith(place).filter((line) => line.startsWith('ssh-agent'))).toEqual([
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

interface Built {
  readonly log: string;
  readonly states: readonly string[];
  readonly files: readonly string[];
}

interface Given extends Partial<BuildRequest> {
  readonly tree?: Tree;
  /** Whether the image's files are looked at. */
  readonly wanted?: boolean;
}

async function build(text: string, { tree, wanted = true, ...given }: Given = {}): Promise<Built> {
  const folder = await project(BASE + text, tree);
  const events: BuildEvent[] = [];
  const output = join(place, `out-${count}`);
  await engine.build(
    {
      folder,
      tags: [],
      buildArgs: {},
      labels: {},
      noCache: false,
      trigger: { kind: 'manual' },
      outputs: wanted ? [{ type: 'local', destination: output }] : [],
      ...given,
    },
    { onEvents: (batch) => events.push(...batch) },
  );
  return {
    log: events.map((event) => (event.type === 'step.log' ? event.text : '')).join(''),
    states: events.flatMap((event) => (event.type === 'step.finished' ? [event.state] : [])),
    files: wanted ? [...listDirectory(output).keys()] : [],
  };
}

/** The same build in a process of its own; answers what was printed. */
async function other(text: string): Promise<string> {
  const folder = await project(BASE + text, {}, `other-${randomUUID()}`);
  const { code, stderr } = await startSlipway(['build', '--progress=plain', folder], environment()).result;
  expect(code, stderr).toBe(0);
  return stderr;
}

/** The same folder each time, so that steps are found again. */
async function project(text: string, tree: Tree = {}, name = 'project'): Promise<string> {
  count++;
  const folder = join(place, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync('cp', ['/bin/busybox', folder]);
  const passwd = 'root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n';
  await writeTree(folder, { passwd, Dockerfile: text, ...tree });
  return folder;
}

function environment(): { readonly env: Readonly<Record<string, string>> } {
  return { env: { SLIPWAY_STORE: join(place, 'store') } };
}

function lines(log: string): readonly string[] {
  return log.split('\n').filter((line) => line !== '');
}

/** Files of the store that hold this text, whether compressed or not: layers built here are not. */
function found(text: string, folder = join(place, 'store')): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return found(text, path);
    return entry.isFile() && readFileSync(path).includes(text) ? [path] : [];
  });
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

function processesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()))
    .filter((line) => line.includes(text));
}

function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
