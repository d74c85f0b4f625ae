import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import type { BuildEvent } from '../../shared/build-events.ts';
import { startSlipway } from './support/cli.ts';
import { listDirectory } from './support/listing.ts';

/** RUN with the real runtime on an image made here: what commands see, how they fail, and what they leave behind. */

/** Nothing but a shell: none of the folders that a runtime mounts on. */
const BASE = `FROM scratch AS base
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY passwd /etc/passwd
`;

let place: string;
let engine: Engine;
let count = 0;

describe('RUN', () => {
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'slipway-run-'));
    engine = await createEngine({ store: join(place, 'store') });
  });
  afterAll(async () => {
    await engine.close();
    await rm(place, { recursive: true, force: true });
  });

  test('only what the command changed is in the image, nothing of what was mounted', async () => {
    const { files } = await build('RUN busybox mkdir /made && echo x > /made/file');
    expect(files).toEqual(['bin', 'bin/busybox', 'bin/sh', 'etc', 'etc/passwd', 'made', 'made/file']);
  });

  test('a command that changes nothing makes no layer, and is cached like any other', async () => {
    const { events, files } = await build('RUN true');
    expect(files).toEqual(['bin', 'bin/busybox', 'bin/sh', 'etc', 'etc/passwd']);
    expect(states(events)).toEqual(['cached', 'cached', 'cached', 'built']);
    expect(states((await build('RUN true')).events)).toEqual(['cached', 'cached', 'cached', 'cached']);
  });

  test('a variable that changes runs the command again, one that nobody declares does not', async () => {
    const text = 'ARG ONE\nRUN echo "$ONE" > /out';
    await build(text, { ONE: '1' });
    expect(states((await build(text, { ONE: '1', HTTP_PROXY: 'http://x' })).events).at(-1)).toBe('cached');
    expect(states((await build(text, { ONE: '2' })).events).at(-1)).toBe('built');
  });

  test('a proxy is seen, and is nowhere in the image', async () => {
    const { log, image } = await build('RUN echo "proxy $HTTP_PROXY"; echo 1 > /a', {
      HTTP_PROXY: 'http://p:1',
    });
    expect(log).toContain('proxy http://p:1');
    expect(image).not.toContain('http://p:1');
  });

  test('output: both streams, colours, characters cut in two, bytes that are no text', async () => {
    const { log } = await build(
      `RUN printf 'a\\033[1mb\\303'; busybox sleep 0.2; printf '\\274\\n'; printf '\\377\\n'; echo error >&2`,
    );
    expect(log).toContain('a\u001b[1mbü\n');
    expect(log).toContain('\ufffd\n');
    expect(log).toContain('error\n');
  });

  test('a hundred megabytes without a line end', async () => {
    const { events } = await build('RUN busybox dd if=/dev/zero bs=1M count=100 2>/dev/null', {}, false);
    const length = events.reduce(
      (sum, event) => sum + (event.type === 'step.log' ? event.text.length : 0),
      0,
    );
    expect(length).toBe(100 * 1024 * 1024);
  });

  test('a failing command: its code, its place, and no image', async () => {
    await expect(build('RUN echo before\nRUN exit 7')).rejects.toMatchObject({
      code: 'RUN_FAILED',
      message: '"RUN exit 7" exited with code 7.',
      range: { startLine: 6 },
    });
  });

  test('a program that is not there', async () => {
    await expect(build('RUN ["/no/such"]')).rejects.toMatchObject({ code: 'RUN_FAILED' });
  });

  test('heredocs: a script, a program of its own, and input for a command', async () => {
    const { log } = await build(`RUN <<EOF
echo one
echo "two $((1 + 1))"
EOF
RUN <<-PROGRAM
\t#!/bin/busybox sh
\techo "program $0"
PROGRAM
RUN busybox cat <<A && busybox cat <<'B'
from a
A
from $b
B`);
    expect(log).toBe('one\ntwo 2\nprogram /dev/pipes/PROGRAM\nfrom a\nfrom $b\n');
  });

  test('host name, home, working directory, who', async () => {
    const { log } = await build(
      'WORKDIR /w\nUSER app\nRUN busybox hostname; echo $HOME; pwd; busybox id -u; busybox id -g',
    );
    expect(log).toBe('buildkitsandbox\n/home/app\n/w\n1000\n1001\n');
  });

  test('--network=none has the loopback device only', async () => {
    const { log } = await build('RUN --network=none busybox ls /sys/class/net; busybox cat /proc/net/dev');
    expect(log.match(/^ *\w+:/gm)?.map((name) => name.trim())).toEqual(['lo:']);
  });

  test('devices, mounts, namespaces and the machine’s settings are out of reach', async () => {
    const { log } = await build(
      `RUN busybox mknod /n b 8 0 || echo 1; busybox mount -t tmpfs x /etc || echo 2; busybox unshare -U true || echo 3; echo 1 > /proc/sys/kernel/panic || echo 4; busybox ls -A /proc/acpi /sys/firmware; busybox dmesg || echo 5`,
    );
    for (const refused of ['1', '2', '3', '4', '5']) expect(log.split('\n')).toContain(refused);
  });

  test('an unknown user is named', async () => {
    await expect(build('USER nobody-here\nRUN true')).rejects.toMatchObject({
      code: 'RUN_UNKNOWN_USER',
      message: 'There is no user "nobody-here" in /etc/passwd of the image being built.',
    });
  });

  test.each(['dev', 'proc', 'sys', 'etc'])(
    '/%s that is a link is refused, before anything runs',
    async (name) => {
      const canary = join(place, 'canary');
      mkdirSync(canary, { recursive: true });
      const text = `FROM scratch\nCOPY busybox /bin/sh\nCOPY links /\nRUN true`;
      await expect(buildText(text, {}, { [name]: canary })).rejects.toMatchObject({
        code: 'RUN_UNSAFE_ROOTFS',
      });
      expect(readdirSync(canary)).toEqual([]);
    },
  );

  test('a link in the place of /etc/hosts is not followed out of the image', async () => {
    const canary = join(place, 'hosts-canary');
    await build(`RUN busybox ln -s ${canary} /etc/resolv.conf\nRUN true`).catch(() => undefined);
    expect(existsSync(canary)).toBe(false);
  });

  test('cancelling leaves no process, no mount and no file', async () => {
    const stop = new AbortController();
    const building = build('RUN echo up; (busybox sleep 4321 &) ; busybox sleep 4321', {}, false, {
      signal: stop.signal,
      onLog: (text) => text.includes('up') && stop.abort(),
    });
    await expect(building).rejects.toThrow();
    expectNothingLeft();
    expect((await build('RUN echo again')).log).toBe('again\n');
  });

  test('killing the builder leaves no process and no mount, and the next build works', async () => {
    const folder = await project(`${BASE}RUN echo up; busybox sleep 4322 & busybox sleep 4321`);
    const running = startSlipway(['build', '--progress=plain', folder], {
      env: { SLIPWAY_STORE: join(place, 'store') },
    });
    await running.printed(' up');
    running.child.kill('SIGKILL');
    await running.result;
    await expect.poll(() => processes(), { timeout: 10_000 }).toEqual([]);
    expect(mounts()).toEqual([]);
    expect((await build('RUN echo after')).log).toBe('after\n');
  });

  test('what one trivial command costs', async () => {
    await build('RUN true # warm');
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const { events } = await build(`RUN true # ${i}`, {}, false);
      const at = (type: string): number => events.findLast((event) => event.type === type)!.time;
      times.push(at('step.finished') - at('step.started'));
    }
    const median = times.sort((a, b) => a - b)[10]!;
    console.log(`one trivial RUN on a warm store: ${median} ms (median of 20)`);
    expect(median).toBeLessThan(5000);
  });
});

interface Built {
  readonly events: readonly BuildEvent[];
  readonly log: string;
  /** Everything but the bytes of the layers. */
  readonly image: string;
  readonly files: readonly string[];
}

interface Watching {
  readonly signal?: AbortSignal;
  readonly onLog?: (text: string) => void;
}

function build(
  text: string,
  buildArgs: Readonly<Record<string, string>> = {},
  wanted = true,
  watching: Watching = {},
): Promise<Built> {
  return buildText(BASE + text, buildArgs, {}, wanted, watching);
}

async function buildText(
  text: string,
  buildArgs: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
  wanted = true,
  { signal, onLog }: Watching = {},
): Promise<Built> {
  const folder = await project(text);
  mkdirSync(join(folder, 'links'));
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, 'links', name));
  const events: BuildEvent[] = [];
  const output = join(place, `out-${count}`);
  const built = await engine.build(
    {
      folder,
      tags: [],
      buildArgs,
      labels: {},
      noCache: false,
      trigger: { kind: 'manual' },
      outputs: wanted ? [{ type: 'local', destination: output }] : [],
    },
    {
      ...(signal === undefined ? {} : { signal }),
      onEvents: (batch) => {
        events.push(...batch);
        for (const event of batch) if (event.type === 'step.log') onLog?.(event.text);
      },
    },
  );
  const blob = (digest: string): string =>
    readFileSync(join(place, 'store/blobs/sha256', digest.slice('sha256:'.length)), 'utf8');
  return {
    events,
    log: events.map((event) => (event.type === 'step.log' ? event.text : '')).join(''),
    image: blob(built.id) + blob(built.config),
    files: wanted ? [...listDirectory(output).keys()] : [],
  };
}

/** The same folder each time, so that steps are found again. */
async function project(text: string): Promise<string> {
  count++;
  const folder = join(place, 'project');
  await rm(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync('cp', ['/bin/busybox', folder]);
  writeFileSync(join(folder, 'passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n');
  writeFileSync(join(folder, 'Dockerfile'), text);
  return folder;
}

function states(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'step.finished' ? [event.state] : []));
}

function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      } catch {
        return '';
      }
    })
    .filter((line) => /^busybox sleep 432\d$/.test(line));
}

function mounts(): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(place));
}

function expectNothingLeft(): void {
  expect(processes()).toEqual([]);
  expect(mounts()).toEqual([]);
  expect(readdirSync(join(place, 'store/ingest'))).toEqual([]);
}
