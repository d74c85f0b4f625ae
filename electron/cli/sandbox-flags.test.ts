import { describe, expect, test } from 'vitest';
import { parseGrants, parseNetwork, parseSandbox, type SandboxFlags } from './sandbox-flags.ts';

const NONE: SandboxFlags = { addHost: [], ulimit: [] };
const parse = (flags: Partial<SandboxFlags>): unknown => parseSandbox({ ...NONE, ...flags });

test('nothing asked for is the default', () => {
  expect(parse({})).toEqual({ hosts: [], ulimits: [], limits: {} });
});

test.each([
  ['db:10.0.0.7', [['db', '10.0.0.7']]],
  ['db=10.0.0.7', [['db', '10.0.0.7']]],
  [
    'db=10.0.0.7,10.0.0.8',
    [
      ['db', '10.0.0.7'],
      ['db', '10.0.0.8'],
    ],
  ],
  ['db:::1', [['db', '::1']]],
  ['db=fe80::1', [['db', 'fe80::1']]],
  ['db:[2001:db8::1]', [['db', '2001:db8::1']]],
  ['my-host.example:host-gateway', [['my-host.example', '127.0.0.1']]],
])('--add-host %s', (text, expected) => {
  expect(
    parseSandbox({ ...NONE, addHost: [text] }).hosts.map(({ name, address }) => [name, address]),
  ).toEqual(expected);
});

test('sizes, ulimits and limits', () => {
  expect(
    parse({
      shmSize: '128m',
      ulimit: ['nofile=10:20', 'nproc=5', 'nofile=11', 'core=-1'],
      memory: '1g',
      memorySwap: '-1',
      cpuShares: '512',
      cpuPeriod: '100000',
      cpuQuota: '50000',
      cpusetCpus: '0-2,4',
      cpusetMems: '0',
    }),
  ).toEqual({
    hosts: [],
    shmSize: 128 << 20,
    ulimits: [
      { name: 'nofile', soft: 11, hard: 11 },
      { name: 'nproc', soft: 5, hard: 5 },
      { name: 'core', soft: -1, hard: -1 },
    ],
    limits: {
      memory: 1 << 30,
      memorySwap: -1,
      cpuShares: 512,
      cpuPeriod: 100_000,
      cpuQuota: 50_000,
      cpusetCpus: '0-2,4',
      cpusetMems: '0',
    },
  });
});

describe('what is refused', () => {
  test.each<[Partial<SandboxFlags>, RegExp]>([
    [{ addHost: ['db'] }, /no IP address for db/],
    [{ addHost: ['db:x'] }, /no IP address for db/],
    [{ addHost: ['db=1.2.3.4,'] }, /no IP address for db/],
    [{ addHost: ['db:1.2.3'] }, /no IP address for db/],
    [{ addHost: [':1.2.3.4'] }, /name of a host/],
    [{ addHost: ['a b:1.2.3.4'] }, /name of a host/],
    [{ addHost: ['a\n1.1.1.1 b=1.2.3.4'] }, /name of a host/],
    [{ shmSize: '0' }, /--shm-size "0" is no size/],
    [{ shmSize: '-5m' }, /no size/],
    [{ memory: 'lots' }, /--memory "lots"/],
    [{ memorySwap: '1g' }, /must not be less/],
    [{ memory: '2g', memorySwap: '1g' }, /must not be less/],
    [{ ulimit: ['nofile'] }, /is no limit/],
    [{ ulimit: ['nofile=a'] }, /is no limit/],
    [{ ulimit: ['nofile=1:2:3'] }, /is no limit/],
    [{ ulimit: ['nofile=-2'] }, /is no limit/],
    [{ ulimit: ['files=1'] }, /does not know "files"/],
    [{ ulimit: ['nofile=2:1'] }, /above its hard limit/],
    [{ ulimit: ['nofile=-1:1'] }, /above its hard limit/],
    [{ cpuShares: '1' }, /from 2 to 262144/],
    [{ cpuPeriod: '10' }, /from 1000 to 1000000/],
    [{ cpuQuota: 'half' }, /of at least 1000/],
    [{ cpusetCpus: '2-0' }, /list of numbers/],
    [{ cpusetMems: '' }, /list of numbers/],
  ])('%j', (flags, message) => {
    expect(() => parse(flags)).toThrow(message);
  });
});

test('networks and grants', () => {
  expect(parseNetwork('none')).toBe('none');
  expect(() => parseNetwork('bridge')).toThrow('--network does not know "bridge".');
  expect(parseGrants(['security.insecure', 'network.host'])).toEqual(['security.insecure', 'network.host']);
  expect(() => parseGrants(['device'])).toThrow('--allow does not know "device".');
});
