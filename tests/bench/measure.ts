import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** What one run of a command cost, all its processes together. */
export interface Cost {
  /** Seconds from start to exit. */
  readonly wall: number;
  /** Seconds of processor time, user and system. */
  readonly processor: number;
  /** Most resident memory of all processes at one moment, bytes; what they share is counted in each. */
  readonly memory: number;
  /** Bytes the processes made dirty in files, whether or not they have reached the disk by then. */
  readonly written: number;
}

/** Thrown where the command fails; the message is what it said. */
export class CommandFailed extends Error {}

const POLL_MS = 10;

/**
 * Runs the command through a shell that waits for it and then reports what it and everything it waited for have used:
 * the kernel adds up processor time and written bytes of processes that have ended.
 */
const REPORTER =
  '"$@" >&2; code=$?; times >&3; while read -r line; do echo "$line"; done </proc/$$/io >&3; exit $code';

/** Runs a command to its end and answers what it cost. Linux only. Fails with CommandFailed. */
export async function measure(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const start = performance.now();
  const child = spawn('/bin/sh', ['-c', REPORTER, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const said = text(child.stderr!);
  const report = text(child.stdio[3] as Readable);
  let memory = 0;
  const poll = setInterval(() => {
    memory = Math.max(memory, residentMemory(child.pid!));
  }, POLL_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('exit', resolve);
  });
  const wall = (performance.now() - start) / 1000;
  clearInterval(poll);
  if (code !== 0) throw new CommandFailed((await said).trim());
  return { wall, memory, ...readReport(await report) };
}

/** Seconds from start to exit, with nothing else going on beside it; for commands that take no time. Fails with CommandFailed. */
export async function wallTime(command: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('exit', resolve);
  });
  const wall = (performance.now() - start) / 1000;
  if (code !== 0) throw new CommandFailed((await said).trim());
  return wall;
}

/** The second line of `times` is about the children: `0m1.230000s 0m0.450000s`. */
function readReport(report: string): Pick<Cost, 'processor' | 'written'> {
  const [, children = ''] = report.split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(report)?.[1] ?? 0);
  return {
    processor: seconds.reduce((sum, each) => sum + each, 0),
    written: field('write_bytes') - field('cancelled_write_bytes'),
  };
}

/** Resident bytes of all processes below `root`, without it. */
function residentMemory(root: number): number {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // "pid (name) state parent …"; the name may hold blanks and parentheses.
    const stat = readOrEmpty(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(Number(name));
    else childrenOf.set(parent, [Number(name)]);
  }
  let sum = 0;
  const pending = [...(childrenOf.get(root) ?? [])];
  for (const pid of pending) {
    pending.push(...(childrenOf.get(pid) ?? []));
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0;
    sum += Number(resident) * 1024;
  }
  return sum;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has ended.
    return '';
  }
}

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const chunk of stream.setEncoding('utf8')) all += chunk as string;
  return all;
}
