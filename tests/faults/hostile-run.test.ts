import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spaceOf } from '../../electron/engine/base/free-space.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { openHostileEngine, SHELL, unharmed, type HostileEngine } from './hostile-engine.ts';
import { perlLayer } from './perl-layer.ts';
import { livingThings, strayFiles } from './run-census.ts';

/** Commands that attack what runs them, or only behave very badly. */

let hostile: HostileEngine;

const EPERM = 1;
const ENOSYS = 38;
/** The numbers of system calls on the architectures that the tests run on. */
const NUMBERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: {
    ...{
      add_key: 248,
      bpf: 321,
      clone: 56,
      clone3: 435,
      init_module: 175,
      io_uring_setup: 425,
      kexec_load: 246,
    },
    ...{
      keyctl: 250,
      mount: 165,
      open_by_handle_at: 304,
      perf_event_open: 298,
      personality: 135,
      pivot_root: 155,
    },
    ...{
      process_vm_readv: 310,
      setns: 308,
      socket: 41,
      unshare: 272,
      userfaultfd: 323,
      fsopen: 430,
      getpid: 39,
    },
  },
  arm64: {
    ...{
      add_key: 217,
      bpf: 280,
      clone: 220,
      clone3: 435,
      init_module: 105,
      io_uring_setup: 425,
      kexec_load: 104,
    },
    ...{
      keyctl: 219,
      mount: 40,
      open_by_handle_at: 265,
      perf_event_open: 241,
      personality: 92,
      pivot_root: 41,
    },
    ...{
      process_vm_readv: 270,
      setns: 268,
      socket: 198,
      unshare: 97,
      userfaultfd: 282,
      fsopen: 430,
      getpid: 172,
    },
  },
};
const NEW_USER = 0x1000_0000;

describe('a hostile command', () => {
  beforeAll(async () => {
    hostile = await openHostileEngine();
    await hostile.load([SHELL, perlLayer()]);
  });
  afterAll(() => hostile.close());

  test.runIf(NUMBERS[process.arch])(
    'makes none of the system calls that reach out of its sandbox',
    async () => {
      const numbers = NUMBERS[process.arch]!;
      const calls: readonly (readonly [name: string, args: readonly number[], errno: number])[] = [
        ...['add_key', 'bpf', 'init_module', 'io_uring_setup', 'kexec_load', 'keyctl', 'mount', 'fsopen'].map(
          (name) => [name, [0, 0, 0, 0, 0], EPERM] as const,
        ),
        ...['open_by_handle_at', 'perf_event_open', 'pivot_root', 'setns', 'userfaultfd'].map(
          (name) => [name, [0, 0, 0, 0, 0], EPERM] as const,
        ),
        ['unshare', [NEW_USER], EPERM],
        ['clone', [NEW_USER | 17, 0, 0, 0, 0], EPERM],
        ['clone3', [0, 0], ENOSYS],
        // AF_ALG and AF_VSOCK.
        ['socket', [38, 5, 0], EPERM],
        ['socket', [40, 1, 0], EPERM],
        // ADDR_NO_RANDOMIZE.
        ['personality', [0x40000], EPERM],
        ['personality', [0xffffffff], 0],
        ['socket', [2, 1, 0], 0],
        ['getpid', [], 0],
      ];
      const script = calls.map(
        ([name, args]) => `$! = 0; syscall(${[numbers[name], ...args].join(', ')}); print $! + 0, "\\n";`,
      );
      const log = await unharmed(hostile, () =>
        hostile.build(`FROM hostile\nRUN <<EOF\n#!/usr/bin/perl\n${script.join('\n')}\nEOF`),
      );
      const seen = log.trim().split('\n').map(Number);
      expect(calls.map(([name, args], i) => [name, args, seen[i]])).toEqual(calls);
    },
  );

  test.runIf(process.arch === 'x64')(
    'a 32-bit program runs where the image is for 386, and nowhere else',
    async () => {
      const dockerfile = 'FROM scratch\nCOPY exit7 /\nRUN ["/exit7"]';
      const built = (platform?: string): Promise<unknown> =>
        hostile.build(dockerfile, {
          binaries: { exit7: exitProgram() },
          ...(platform === undefined ? {} : { platform }),
        });
      await expect(built('linux/386')).rejects.toThrow('exited with code 7.');
      // 128 and SIGSYS.
      await expect(built()).rejects.toThrow('exited with code 159.');
    },
  );

  test('kill -9 -1 ends nobody but its own', async () => {
    const log = await unharmed(hostile, () =>
      hostile.build(
        'FROM hostile\nRUN (sleep 1000 &); (busybox setsid sleep 1000 &); busybox kill -9 -1; echo alive',
      ),
    );
    expect(log).toBe('alive\n');
  });

  test('a daemon that keeps the output open ends with its step, and the build goes on', async () => {
    const log = await unharmed(hostile, () =>
      hostile.build(
        'FROM hostile\nRUN busybox setsid sh -c "trap \'\' TERM HUP; sleep 1000" & echo started\nRUN echo next',
      ),
    );
    expect(log).toBe('started\nnext\n');
  });

  test('five hundred processes, cancelled: none is left', async () => {
    const stop = new AbortController();
    const command = `RUN i=0; while [ $i -lt 500 ]; do busybox setsid sleep 97531 & i=$((i+1)); done; echo all; sleep 97531`;
    await expect(
      hostile.build(`FROM hostile\n${command}`, {
        signal: stop.signal,
        onEvent: (event) => event.type === 'step.log' && event.text.includes('all') && stop.abort(),
      }),
    ).rejects.toThrow();
    expect(livingThings({ place: hostile.place, marker: '97531' })).toEqual([]);
  });

  test('input is at its end, and closed output ends nothing', async () => {
    expect(await hostile.build('FROM hostile\nRUN cat; echo eof; exec >&- 2>&-; sleep 0.1')).toBe('eof\n');
  });

  test('/dev/shm and /dev are small', async () => {
    const fill = (path: string): string =>
      `dd if=/dev/zero of=${path} bs=1M count=200 2>&1 | busybox grep -c 'No space'`;
    expect(await hostile.build(`FROM hostile\nRUN ${fill('/dev/shm/x')}; ${fill('/dev/x')}`)).toBe('1\n1\n');
  });

  test('the machine’s memory, disks, keys and messages are out of sight', async () => {
    const log = await hostile.build(
      `FROM hostile
RUN for f in /dev/mem /dev/kmem /dev/sda /dev/vda /dev/kvm /dev/fuse /dev/loop-control; do test -e $f && echo $f; done; ls -A /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | busybox grep -v :; cat /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug 2>/dev/null; for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /sys/power/state; do echo b 2>/dev/null > $f && echo $f; done; true`.replaceAll(
        '\n\n',
        '\n',
      ),
    );
    expect(log.replaceAll('\n', '')).toBe('');
  });

  test('a folder deeper than any path is refused in a sentence, and nothing of it stays', async () => {
    const deep = `RUN perl -e 'for (1 .. 30) { mkdir "d" x 250 and chdir "d" x 250 or die }'`;
    await expect(hostile.build(`FROM hostile\n${deep}`)).rejects.toMatchObject({ code: 'LAYER_BAD_PATH' });
    expect(strayFiles(hostile.store)).toEqual([]);
    await expect(hostile.build(`FROM hostile\n${deep} && exit 3`)).rejects.toMatchObject({
      code: 'RUN_FAILED',
    });
    expect(strayFiles(hostile.store)).toEqual([]);
  });

  test('a path as long as it may be is unpacked, and removed with its image', async () => {
    const name = 'n'.repeat(250);
    const long = `RUN i=0; while [ $i -lt 15 ]; do mkdir ${name} && cd ${name} || exit 9; i=$((i+1)); done; echo x > ${'f'.repeat(200)}`;
    expect(
      await hostile.build(`FROM hostile\n${long}\nRUN busybox find / -xdev -name 'fff*' | busybox wc -c`),
    ).toBe('3967\n');
    expect(strayFiles(hostile.store)).toEqual([]);
    // As after images were removed: what no layer needs goes when the store is opened.
    const before = readdirSync(join(hostile.store, 'snapshots'));
    const folder = join(hostile.store, 'snapshots', `${'0'.repeat(64)}.${'0'.repeat(32)}`);
    const withLong = before.find((each) => existsSync(join(hostile.store, 'snapshots', each, name)));
    renameSync(join(hostile.store, 'snapshots', withLong!), folder);
    (await openStore({ root: hostile.store })).close();
    expect(existsSync(folder)).toBe(false);
  });

  test('a file that a layer would take for a whiteout is refused in a sentence', async () => {
    await expect(hostile.build('FROM hostile\nRUN touch /.wh.bin')).rejects.toMatchObject({
      code: 'LAYER_RESERVED_NAME',
    });
  });

  test('a terabyte of nothing is refused before it fills the disk, a little of it is zeros', async () => {
    const { free: before } = await spaceOf(hostile.store);
    await expect(hostile.build('FROM hostile\nRUN busybox truncate -s 1024G /sparse')).rejects.toMatchObject({
      code: 'RUN_SPACE',
      message: expect.stringMatching(/^What the command wrote takes 1.10 TB, and/) as string,
    });
    const { free } = await spaceOf(hostile.store);
    expect(before - free).toBeLessThan(1024 ** 3);
    expect(strayFiles(hostile.store)).toEqual([]);
    const small = 'RUN busybox truncate -s 10M /sparse && busybox truncate -s 1024G /gone && rm /gone';
    expect(await hostile.build(`FROM hostile\n${small}\nRUN busybox md5sum < /sparse`)).toMatch(
      // Of 10 MiB of zeros.
      /^f1c9645dbc14efddc7d8a322685f26eb/,
    );
  });

  test('sockets, pipes and odd names are no trouble', async () => {
    const odd = `RUN busybox mkfifo /p && perl -e 'socket(S, 1, 1, 0) && bind(S, pack("Sa*", 1, "/s")) or die' && touch "$(busybox printf '/a\\nb\\377')" /-rf '/$(x)' && echo made`;
    expect(await hostile.build(`FROM hostile\n${odd}\nRUN test -p /p && ls / | busybox grep -c -e -rf`)).toBe(
      'made\n1\n',
    );
  });

  test('everything removed, the image is what is left', async () => {
    const text =
      'FROM hostile\nRUN busybox rm -rf /usr /lib /lib64 /etc /bin/ls 2>/dev/null; echo gone\nRUN busybox ls /bin | busybox grep -c ls; true';
    expect(await hostile.build(text)).toBe('gone\n0\n');
  });

  test('what is unpacked can be reached by nobody but its owner', () => {
    for (const folder of ['', 'snapshots'])
      expect(statSync(join(hostile.store, folder)).mode & 0o777).toBe(0o700);
  });
});

/** A program for Linux on 386 that ends with 7: an ELF header, one segment, `mov eax, 1; mov ebx, 7; int 0x80`. */
function exitProgram(): Buffer {
  const code = Buffer.from('b801000000bb07000000cd80', 'hex');
  const program = Buffer.alloc(84 + code.length);
  program.write('\x7fELF\x01\x01\x01', 'latin1');
  const [base, start] = [0x804_8000, 0x804_8054];
  for (const [at, value] of [
    [16, 2],
    [18, 3],
    [40, 52],
    [42, 32],
    [44, 1],
  ] as const)
    program.writeUInt16LE(value, at);
  const words = [
    [20, 1],
    [24, start],
    [28, 52],
    [52, 1],
    [60, base],
    [64, base],
    [68, program.length],
  ] as const;
  for (const [at, value] of [...words, [72, program.length], [76, 5], [80, 0x1000]] as const)
    program.writeUInt32LE(value, at);
  code.copy(program, 84);
  return program;
}
