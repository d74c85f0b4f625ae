import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInTerminal } from '../../electron/engine/executor/pseudo-terminal.ts';
import { CLI_COMMAND, slipway, startSlipway } from './support/cli.ts';
import { commandLines, lines } from './support/run-bench.ts';
import { createScreen, openShellBench, type ShellBench } from './support/shell-bench.ts';

/** Shells in failed steps, with the real runtime: as root, and in the suite of normal users. */

/** Seconds that nobody else on this machine sleeps. */
const FOREVER = 4_000_000 + process.pid;

describe.each([
  ['with overlays', true],
  ['with plain copies', false],
])('%s', (_, overlays) => {
  let bench: ShellBench;
  beforeAll(async () => {
    bench = await openShellBench(overlays);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test('a shell sees what the command left, as its user, in its folder, with its variables', async () => {
    const id = await bench.build(`WORKDIR /work
ENV COLOUR=blue
ARG SIZE=7
RUN busybox chown app /work && busybox rm -r /etc/passwd && echo changed > /bin/file
USER 1000:1001
RUN echo half > done; busybox rm -f /work/none; exit 3`);
    expect(bench.shells.list(id)).toMatchObject([
      { buildId: id, step: '0/5', exitCode: 3, file: 'Dockerfile', range: { startLine: 10 } },
    ]);
    const look = 'busybox id; pwd; echo $COLOUR $SIZE; cat done /bin/file; busybox ls -1 /etc; exit 9';
    const after = await bench.run(id, look);
    expect(lines(after.text)).toEqual([
      'uid=1000 gid=1001 groups=1001',
      ...['/work', 'blue 7', 'half', 'changed', 'hosts', 'resolv.conf'],
    ]);
    expect(after.code).toBe(9);
    const before = await bench.run(id, look, { when: 'before' });
    expect(before.text).toContain("can't open 'done'");
    expect(before.text).toContain('changed');
    expect((await bench.run(id, 'busybox id -u', { root: true })).text).toBe('0\n');
  });

  test('what a shell changes stays for the next, not for one with the files before, nor in an image', async () => {
    const id = await bench.build('RUN echo 1 > /one; busybox rm /etc/passwd; exit 1');
    await bench.run(id, 'echo 2 > /two; busybox rm /one');
    expect((await bench.run(id, 'echo /*')).text).toBe('/bin /dev /etc /proc /sys /two\n');
    await bench.run(id, 'echo 3 > /three', { when: 'before' });
    expect((await bench.run(id, 'echo /* /etc/passwd*', { when: 'before' })).text).toBe(
      '/bin /dev /etc /proc /sys /etc/passwd\n',
    );
    expect(readdirSync(join(bench.store.root, 'ingest'))).toEqual([]);
  });

  test('its shell is the best that the image has now, or the one that SHELL names', async () => {
    const id = await bench.build(
      `RUN printf '#!/bin/busybox sh\\nexec busybox sh\\n' > /bin/bash; busybox chmod +x /bin/bash; busybox rm /bin/sh; exit 1`,
    );
    const screen = createScreen();
    const { signal } = new AbortController();
    const ended = bench.shells.open(id, { when: 'after', io: screen.io }, signal);
    await screen.type('busybox ps; exit 4\n');
    expect(await ended).toBe(4);

    const none = await bench.build('RUN busybox rm /bin/sh /bin/busybox; exit 1');
    await expect(bench.shells.open(none, { when: 'after', io: screen.io }, signal)).rejects.toMatchObject({
      code: 'SHELL_MISSING',
    });
    expect((await bench.run(none, 'echo before', { when: 'before' })).text).toBe('before\n');
  });

  test('mounts come again, what was secret does not', async () => {
    const secret = 's3cr3t-of-the-test';
    const id = await bench.build(
      `FROM base AS other
RUN echo other > /from-stage
FROM base
RUN --mount=type=bind,target=/context,source=folder --mount=type=bind,from=other,target=/stage \\
  --mount=type=cache,target=/cache --mount=type=tmpfs,target=/tmpfs,size=1m \\
  --mount=type=secret,id=token --mount=type=secret,id=token,env=TOKEN \\
  test "$TOKEN" = "$(cat /run/secrets/token)" && echo c > /cache/c; exit 1`,
      {
        secrets: [{ id: 'token', value: secret }],
        buildArgs: { HTTP_PROXY: 'http://user:pr0xy-password@proxy.test' },
        tree: { 'folder/file': 'of the context\n' },
      },
    );
    const { text } = await bench.run(
      id,
      `cat /context/file /stage/from-stage /cache/c; busybox df -k /tmpfs | busybox tail -1; echo "[$TOKEN$HTTP_PROXY$(cat /run/secrets/token)]"; echo x > /context/new || echo read-only`,
    );
    expect(text).toMatch(/^of the context\nother\nc\ntmpfs +1024 .*\n\[\]\n.*\nread-only\n$/);
    const [kept] = bench.store.kept.list(id);
    expect(kept!.details).not.toContain('s3cr3t');
    const places = [
      kept!.path,
      join(bench.store.root, 'slipway.db'),
      join(bench.store.root, 'slipway.db-wal'),
    ];
    expect(spawnSync('grep', ['-r', '-l', '-e', secret, ...places]).stdout.toString()).toBe('');
    expect(kept!.details).not.toContain('pr0xy');
  });

  test('what is kept goes with the next build of its project, and with its build', async () => {
    const first = await bench.build('RUN exit 1', {}, 'one');
    const second = await bench.build('RUN exit 2', {}, 'two');
    const folders = [first, second].map((id) => bench.store.kept.list(id)[0]!.path);
    expect((await bench.run(first, 'exit 5')).code).toBe(5);
    await bench.build('RUN true', {}, 'one');
    expect(bench.shells.list(first)).toEqual([]);
    expect(folders.map((path) => existsSync(path))).toEqual([false, true]);
    await expect(bench.run(first, 'true')).rejects.toMatchObject({ code: 'SHELL_NOTHING_KEPT' });
    await bench.store.builds.remove([second]);
    expect(bench.shells.list(second)).toEqual([]);
    expect(existsSync(folders[1]!)).toBe(false);
  });

  test('two shells in one step: the second is refused, one with the files before is not', async () => {
    const id = await bench.build('RUN exit 1');
    const screen = createScreen();
    const { signal } = new AbortController();
    const ended = bench.shells.open(id, { when: 'after', io: screen.io }, signal);
    await screen.sees('# ');
    await expect(bench.run(id, 'true')).rejects.toMatchObject({ code: 'SHELL_IN_USE' });
    expect((await bench.run(id, 'exit 6', { when: 'before' })).code).toBe(6);
    // Not even a build takes it away from under the shell.
    await bench.build('RUN true');
    await screen.type('echo here > /file; cat /file; exit\n');
    await ended;
    expect(screen.text()).toContain('here');
    await bench.build('RUN true');
    expect(bench.shells.list(id)).toEqual([]);
  });
});

describe('the terminal', () => {
  let bench: ShellBench;
  let id: string;
  beforeAll(async () => {
    bench = await openShellBench();
    id = await bench.build('USER app\nRUN exit 1');
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test('has its size from the start, and another when it changes', async () => {
    const { screen, ended } = open();
    await screen.type('tty; stty size; echo "$TERM"\n');
    await screen.sees('/dev/pts/0\r\n33 91\r\nxterm-256color\r\n');
    await (await screen.terminal).resize({ columns: 120, rows: 40 });
    await screen.type('until [ "$(stty size)" = "40 120" ]; do :; done; echo l""arger\n');
    await screen.sees('larger');
    await screen.type('exit 7\n');
    expect(await ended).toBe(7);
  });

  test('Ctrl+C ends what runs, not the shell; Ctrl+D ends that', async () => {
    const { screen, ended } = open();
    await screen.type('busybox sh -c "echo s""leeps; busybox sleep 1000"\n');
    await screen.sees('sleeps');
    await screen.type('\u0003');
    await screen.sees('$ ');
    await screen.type('echo c""ode $?\n');
    await screen.sees('code 130');
    // Before the prompt it would be no key but an end of input.
    await screen.sees('$ ');
    await screen.type('\u0004');
    expect(await ended).toBe(0);
  });

  test('fifty megabytes come whole; while nobody takes them the command waits', async () => {
    let wait: Promise<void> | undefined;
    const { screen, ended } = open((): Promise<void> | undefined => wait);
    const held = Promise.withResolvers<void>();
    await screen.type('stty raw; echo r""eady; cat /dev/zero | busybox head -c 52428800; echo d""one\n');
    await screen.sees('ready');
    wait = held.promise;
    const progress: string[] = [];
    const isStuck = (): boolean => {
      progress.push(pausesOf('/dev/zero'));
      return (
        progress.length > 5 && progress.slice(-5).every((each) => each !== '' && each === progress.at(-1))
      );
    };
    await expect.poll(isStuck, { timeout: 20_000 }).toBe(true);
    expect(screen.bytes()).toBeLessThan(2 << 20);
    wait = undefined;
    held.resolve();
    await screen.sees('done');
    expect(screen.bytes()).toBeGreaterThan(52_428_800);
    await screen.type('exit 6\n');
    expect(await ended).toBe(6);
  });

  test('Ctrl+C comes through in the middle of a flood', async () => {
    const { screen, ended } = open();
    await screen.type('yes\n');
    await screen.sees('y\r\ny\r\n');
    await screen.type('\u0003');
    await screen.sees('$ ');
    await screen.type('exit 3\n');
    expect(await ended).toBe(3);
  });

  test('what is pasted comes whole', async () => {
    const { screen, ended } = open();
    await screen.type('stty -echo; echo r""eady; busybox md5sum; exit\n');
    await screen.sees('ready');
    const line = `${'0123456789'.repeat(10)}\n`;
    for (let i = 0; i < 10; i++) await screen.type(line.repeat(500));
    await screen.type('\u0004');
    await ended;
    expect(screen.text()).toContain(createHash('md5').update(line.repeat(5000)).digest('hex'));
  });

  test('what is printed just before the end comes like all else', async () => {
    const said = new Set<string>();
    for (let i = 0; i < 20; i++) said.add((await bench.run(id, 'echo last', { when: 'before' })).text);
    expect([...said]).toEqual(['last\n']);
  });

  test('cancelling kills everything in it', async () => {
    const stop = new AbortController();
    const { screen, ended } = open(undefined, stop.signal);
    await screen.type(`(busybox sleep ${FOREVER} &); busybox sleep ${FOREVER} & echo u""p\n`);
    await screen.sees('up');
    await expect.poll(() => sleepers().length).toBe(2);
    stop.abort();
    await expect(ended).rejects.toThrow();
    await expect.poll(sleepers, { timeout: 10_000 }).toEqual([]);
    expect(readdirSync(join(bench.store.root, 'ingest'))).toEqual([]);
    expect((await bench.run(id, 'exit 2')).code).toBe(2);
  });

  test('goes with the application when that is killed', async () => {
    const host = fileURLToPath(new URL('support/shell-host.ts', import.meta.url));
    const typed = `busybox sleep ${FOREVER} & echo u""p; busybox sleep ${FOREVER}\n`;
    const child = spawn(process.execPath, [host, bench.store.root, id, typed], {
      stdio: 'ignore',
    });
    try {
      await expect.poll(() => sleepers().length, { timeout: 20_000 }).toBe(2);
    } finally {
      child.kill('SIGKILL');
    }
    await expect.poll(sleepers, { timeout: 10_000 }).toEqual([]);
    expect((await bench.run(id, 'exit 2')).code).toBe(2);
  });

  function open(onData?: (data: Buffer) => void | Promise<void>, signal = new AbortController().signal) {
    const screen = createScreen(onData);
    return { screen, ended: bench.shells.open(id, { when: 'before', io: screen.io }, signal) };
  }
});

describe('the command line', () => {
  let bench: ShellBench;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    bench = await openShellBench();
    env = { SLIPWAY_STORE: bench.store.root };
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test('a failed build says how to look around; input by a pipe, the exit code of the shell', async () => {
    const folder = join(bench.place, 'failing');
    await bench.build('RUN exit 8', {}, 'failing');
    const { stderr } = await slipway(['build', folder], { env });
    const id = /To look around where it failed: slipway debug (\S+)\n$/.exec(stderr)?.[1];
    expect(id, stderr).toBeDefined();
    const piped = (words: readonly string[], input: string) =>
      spawnSync(CLI_COMMAND[0], [CLI_COMMAND[1], 'debug', ...words], {
        ...{ input, encoding: 'utf8' },
        env: { ...process.env, ...env },
      });
    expect(piped([id!.slice(0, -3)], 'echo out; echo err >&2; exit 5\n')).toMatchObject({
      ...{ status: 5, stdout: 'out\n', stderr: 'err\n' },
    });
    expect(piped(['--before', '--', '/bin/busybox', 'tr', 'a-z', 'A-Z'], 'text')).toMatchObject({
      ...{ status: 0, stdout: 'TEXT' },
    });
    const other = await slipway(['debug', 'nothing-like-it'], { env });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining(`is kept of ${id}`) as unknown });
    const two = await slipway(['debug', id!, 'ls'], { env });
    expect(two).toMatchObject({ code: 1, stderr: expect.stringContaining('-- COMMAND') as unknown });
  });

  test('a shell in a real terminal, with its size', async () => {
    const id = await bench.build('RUN exit 1');
    const screen = createScreen();
    const words = [...CLI_COMMAND, '--store', bench.store.root, 'debug', id];
    const ended = runInTerminal(words, screen.io, undefined, new AbortController().signal);
    await screen.sees('# ');
    await screen.type('stty size; tty; echo p""ut\n');
    await screen.sees('33 91\r\n/dev/pts/0\r\nput');
    await (await screen.terminal).resize({ columns: 50, rows: 20 });
    await screen.type('until [ "$(stty size)" = "20 50" ]; do :; done; echo s""maller\n');
    await screen.sees('smaller');
    await screen.type('busybox sh -c "echo s""leeps; busybox sleep 1000"\n');
    await screen.sees('sleeps');
    await screen.type('\u0003');
    await screen.sees('# ');
    await screen.type('exit 12\n');
    expect(await ended).toMatchObject({ code: 12 });
  });

  test('when it is killed, nothing of the shell is left', async () => {
    const id = await bench.build('RUN exit 1');
    const words = ['--store', bench.store.root, 'debug', id, '--', '/bin/busybox', 'sh', '-c'];
    const running = startSlipway([
      ...words,
      `echo up >&2; busybox sleep ${FOREVER} & busybox sleep ${FOREVER}`,
    ]);
    await running.printed('up');
    running.child.kill('SIGKILL');
    await running.result;
    await expect.poll(sleepers, { timeout: 10_000 }).toEqual([]);
    expect((await bench.run(id, 'exit 2')).code).toBe(2);
  });
});

function sleepers(): readonly string[] {
  return commandLines().filter((line) => line === `busybox sleep ${FOREVER}`);
}

/** How often the process with this word in its argument list has waited or was made to; empty where there is none. */
function pausesOf(word: string): string {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      if (!readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(word)) continue;
      return (readFileSync(`/proc/${name}/status`, 'utf8').match(/ctxt_switches:\t\d+/g) ?? []).join(' ');
    } catch {
      // It has ended.
    }
  }
  return '';
}
