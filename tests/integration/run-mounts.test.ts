import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASE_FILES, lines, openBench, type RunBench } from './support/run-bench.ts';
import { temporaryTree, type Tree } from './support/tree.ts';

/** RUN --mount=type=bind|tmpfs|cache with the real runtime: what commands see of each, what stays, and what it cannot reach. */

let bench: RunBench;
let build: RunBench['build'];
let place: string;

beforeAll(async () => {
  bench = await openBench();
  ({ build, place } = bench);
});
afterAll(() => bench[Symbol.asyncDispose]());

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

  test('of a named context only the files, whatever its links name', async () => {
    const root = await temporaryTree({ n: 'named\n', out: { symlink: '/etc/hostname' } });
    const { log, files } = await build(
      'RUN --mount=from=other,target=/n,rw cat /n/n; cat /n/out || echo inside; echo x > /n/n',
      { contexts: { other: { kind: 'directory', path: root } } },
    );
    expect(lines(log)).toEqual(expect.arrayContaining(['named', 'inside']));
    expect(readFileSync(join(root, 'n'), 'utf8')).toBe('named\n');
    expect(files).toEqual(BASE_FILES);
    await rm(root, { recursive: true, force: true });
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

  test('a target behind a link of the image is inside the image', async () => {
    const canary = join(place, 'target-canary');
    mkdirSync(canary);
    const inside = await build(
      `RUN mkdir -p /real/deep && busybox ln -s /real /abs && busybox ln -s ../../../real/deep /up
RUN --mount=type=tmpfs,target=/abs/n --mount=type=cache,target=/up/m touch /abs/n/x /up/m/x; ls /real /real/deep`,
    );
    expect(lines(inside.log)).toEqual(['/real:', 'deep', 'n', '/real/deep:', 'm']);
    expect(inside.files).toEqual([...BASE_FILES, 'abs', 'real', 'real/deep', 'up'].sort());
    const out = await build(
      `RUN busybox ln -s ../../../..${canary} /out\nRUN --mount=type=tmpfs,target=/out/n touch /out/n/x`,
    );
    expect(out.files).toEqual([...BASE_FILES, 'out']);
    expect(readdirSync(canary)).toEqual([]);
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

  test.each([
    ['shared', 'a b'],
    ['private', 'own'],
  ])('%s: what two builds at once see', async (sharing, seen) => {
    const id = randomUUID();
    // They wait for each other by way of another folder.
    const meet = (me: string, you: string): string =>
      `RUN --mount=type=cache,id=${id},sharing=${sharing},target=/c --mount=type=cache,id=${id}-met,target=/met : ${id}; touch /c/${me} /met/${me}; while [ ! -e /met/${you} ]; do busybox sleep 0.05; done; echo saw $(ls /c); touch /met/${me}2; while [ ! -e /met/${you}2 ]; do busybox sleep 0.05; done`;
    const other = await bench.start(meet('a', 'b'));
    const { log } = await build(meet('b', 'a'), { wanted: false });
    expect(lines(log)).toEqual([`saw ${seen.replace('own', 'b')}`]);
    expect((await other.result).stderr).toContain(`saw ${seen.replace('own', 'a')}\n`);
  });

  test('a builder that is killed gives its locked folder up', async () => {
    const id = randomUUID();
    const running = await bench.start(
      `RUN --mount=type=cache,id=${id},sharing=locked,target=/c touch /c/kept; echo up-$((1 + 1)); busybox sleep 4331`,
    );
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

  test('--no-cache-filter begins anew what steps of those stages mount', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    const add = (id: string, to: string): string =>
      `RUN --mount=type=cache,id=${id},target=/c echo x >> /c/n; cat /c/n > /${to}`;
    const text = `FROM base AS filtered\n${add(mine, 'f')}\nFROM base AS kept\n${add(other, 'k')}
FROM base\nCOPY --from=filtered /f /f\nCOPY --from=kept /k /k\nARG N\nRUN : $N; busybox wc -l /f /k`;
    await build(text, { buildArgs: { N: '1' } });
    await build(`${text.replaceAll('cat', 'busybox cat')}`, { buildArgs: { N: '2' } });
    const { log } = await build(text.replaceAll('cat', 'exec busybox cat'), {
      buildArgs: { N: '3' },
      noCacheFilter: ['filtered'],
    });
    expect(lines(log).map((line) => line.trim())).toEqual(['1 /f', '3 /k', '4 total']);
  });

  test('a part of it that others turn into a link meanwhile never leads to the machine', async () => {
    const id = randomUUID();
    const canary = join(place, 'leak');
    mkdirSync(canary);
    writeFileSync(join(canary, 'leaked'), '');
    const flip = `RUN --mount=type=cache,id=${id},target=/c echo flip-$((1 + 1)); while [ ! -e /c/stop ]; do busybox rm -rf /c/sel; busybox ln -s ${canary} /c/sel; busybox rm -f /c/sel; busybox mkdir /c/sel; done`;
    await build(`RUN --mount=type=cache,id=${id},target=/c mkdir /c/sel`);
    const flipping = await bench.start(flip);
    await flipping.printed(' flip-2');
    const seen: string[] = [];
    for (let n = 0; n < 8; n++) {
      await build(`RUN --mount=type=cache,id=${id},source=sel,target=/s ls /s; touch /s/made # ${n}`, {
        wanted: false,
      })
        .then(({ log }) => seen.push(log))
        .catch((error: { code: string }) => seen.push(error.code));
    }
    await build(`RUN --mount=type=cache,id=${id},target=/c touch /c/stop`);
    expect((await flipping.result).code).toBe(0);
    expect(seen.join()).not.toContain('leaked');
    expect(readdirSync(canary)).toEqual(['leaked']);
  });
});

/** The same build in a process of its own; answers what was printed. */
async function other(text: string): Promise<string> {
  const { code, stderr } = await (await bench.start(text)).result;
  expect(code, stderr).toBe(0);
  return stderr;
}
