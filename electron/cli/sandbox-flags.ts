import { isIP } from 'node:net';
import { parseByteSize } from '../engine/dockerfile/byte-size.ts';
import type { ResourceLimits, SandboxOptions } from '../engine/executor/sandbox-options.ts';
import { GRANTS, type Grant, type RunRights } from '../engine/graph/run-rights.ts';
import { flagInvalid } from './flag-fields.ts';

/** The flags of `docker build` about the sandbox of RUN, as commander gives them. */
export interface SandboxFlags {
  readonly addHost: readonly string[];
  readonly shmSize?: string;
  readonly ulimit: readonly string[];
  readonly memory?: string;
  readonly memorySwap?: string;
  readonly cpuShares?: string;
  readonly cpuPeriod?: string;
  readonly cpuQuota?: string;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
}

/** What the flags ask of the sandbox of every RUN. Fails with FLAG_INVALID. */
export function parseSandbox(flags: SandboxFlags): SandboxOptions {
  const ulimits = new Map(flags.ulimit.map(parseUlimit).map((limit) => [limit.name, limit]));
  return {
    hosts: flags.addHost.flatMap(parseHosts),
    ...(flags.shmSize === undefined ? {} : { shmSize: parseSize('--shm-size', flags.shmSize) }),
    ulimits: [...ulimits.values()],
    limits: parseLimits(flags),
  };
}

const NETWORKS = ['default', 'none', 'host'] as const;

/** `--network`. Fails with FLAG_INVALID. */
export function parseNetwork(text: string): RunRights['network'] {
  const network = NETWORKS.find((candidate) => candidate === text);
  if (network !== undefined) return network;
  throw flagInvalid(`--network does not know "${text}".`, `The networks are ${NETWORKS.join(', ')}.`);
}

/** `--allow`. Fails with FLAG_INVALID. */
export function parseGrants(values: readonly string[]): readonly Grant[] {
  return values.map((value) => {
    const grant = GRANTS.find((candidate) => candidate === value);
    if (grant !== undefined) return grant;
    throw flagInvalid(`--allow does not know "${value}".`, `It can grant ${GRANTS.join(' and ')}.`);
  });
}

/** Commands share the machine's network, so that it is at the loopback address. */
const HOST_GATEWAY = '127.0.0.1';

/** `NAME:ADDRESS`, or `NAME=ADDRESS[,ADDRESS…]`; an address of IPv6 may stand in brackets, `host-gateway` is this machine. */
function parseHosts(text: string): SandboxOptions['hosts'] {
  const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
  const name = at < 0 ? text : text.slice(0, at);
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name)) {
    throw flagInvalid(
      `--add-host "${text}" does not begin with the name of a host.`,
      'Write --add-host NAME=ADDRESS.',
    );
  }
  return text
    .slice(at < 0 ? text.length : at + 1)
    .split(',')
    .map((written) => {
      const address = written === 'host-gateway' ? HOST_GATEWAY : written.replace(/^\[(.*)\]$/, '$1');
      if (isIP(address) !== 0) return { name, address };
      throw flagInvalid(
        `--add-host "${text}" gives no IP address for ${name}.`,
        'Write --add-host NAME=ADDRESS, or NAME=host-gateway for this machine.',
      );
    });
}

/** As docker names them. */
const ULIMITS = [
  ...[
    'core',
    'cpu',
    'data',
    'fsize',
    'locks',
    'memlock',
    'msgqueue',
    'nice',
    'nofile',
    'nproc',
    'rss',
    'rtprio',
  ],
  ...['rttime', 'sigpending', 'stack'],
];

/** `NAME=SOFT[:HARD]`; -1 is unlimited. */
function parseUlimit(text: string): SandboxOptions['ulimits'][number] {
  const [, name = '', first = '', second] = /^([^=]*)=(-?\d{1,15})(?::(-?\d{1,15}))?$/.exec(text) ?? [];
  const soft = Number(first);
  const hard = second === undefined ? soft : Number(second);
  if (name === '' || soft < -1 || hard < -1) {
    throw flagInvalid(
      `--ulimit "${text}" is no limit.`,
      'Write --ulimit NAME=SOFT[:HARD], for example nofile=1024:4096.',
    );
  }
  if (!ULIMITS.includes(name)) {
    throw flagInvalid(`--ulimit does not know "${name}".`, `The limits are ${ULIMITS.join(', ')}.`);
  }
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw flagInvalid(`--ulimit "${text}" has a soft limit above its hard limit.`);
  }
  return { name, soft, hard };
}

function parseLimits(flags: SandboxFlags): ResourceLimits {
  const memory = flags.memory === undefined ? undefined : parseSize('--memory', flags.memory);
  const memorySwap =
    flags.memorySwap === undefined
      ? undefined
      : flags.memorySwap === '-1'
        ? -1
        : parseSize('--memory-swap', flags.memorySwap);
  if (memorySwap !== undefined && (memory === undefined || (memorySwap !== -1 && memorySwap < memory))) {
    throw flagInvalid(
      '--memory-swap is memory and swap together, and must not be less than --memory.',
      'Give --memory too, or --memory-swap -1 for no limit.',
    );
  }
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(memorySwap === undefined ? {} : { memorySwap }),
    ...integer(flags, 'cpuShares', '--cpu-shares', 2, 262_144),
    ...integer(flags, 'cpuPeriod', '--cpu-period', 1000, 1_000_000),
    ...integer(flags, 'cpuQuota', '--cpu-quota', 1000, Number.MAX_SAFE_INTEGER),
    ...cpuset(flags, 'cpusetCpus', '--cpuset-cpus'),
    ...cpuset(flags, 'cpusetMems', '--cpuset-mems'),
  };
}

function parseSize(flag: string, text: string): number {
  const size = parseByteSize(text);
  if (size !== undefined && size > 0) return size;
  throw flagInvalid(`${flag} "${text}" is no size.`, `Write for example ${flag} 512m.`);
}

function integer(
  flags: SandboxFlags,
  key: 'cpuShares' | 'cpuPeriod' | 'cpuQuota',
  flag: string,
  least: number,
  most: number,
): ResourceLimits {
  const text = flags[key];
  if (text === undefined) return {};
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return { [key]: value };
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw flagInvalid(`${flag} "${text}" is not a number ${range}.`);
}

function cpuset(flags: SandboxFlags, key: 'cpusetCpus' | 'cpusetMems', flag: string): ResourceLimits {
  const text = flags[key];
  if (text === undefined) return {};
  const ranges = text.split(',').map((part) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part));
  if (ranges.every((range) => range && Number(range[2] ?? range[1]) >= Number(range[1])))
    return { [key]: text };
  throw flagInvalid(`${flag} "${text}" is not a list of numbers.`, `Write for example ${flag} 0-2,4.`);
}
