import { expect, test } from 'vitest';
import { DEFAULT_SANDBOX, type SandboxOptions } from '../executor/sandbox-options.ts';
import { sandboxParts } from './run-sandbox.ts';

const key = (options: Partial<SandboxOptions>): unknown => sandboxParts({ ...DEFAULT_SANDBOX, ...options });
const nofile = { name: 'nofile', soft: 1, hard: 2 };
const core = { name: 'core', soft: 0, hard: 0 };
const host = (name: string, address: string): SandboxOptions['hosts'][number] => ({ name, address });

test('names of hosts, sizes and ulimits are in the key', () => {
  expect(key({})).toEqual([]);
  expect(key({ hosts: [host('a', '1.1.1.1')] })).not.toEqual(key({ hosts: [host('b', '1.1.1.1')] }));
  expect(key({ shmSize: 1 })).not.toEqual(key({ shmSize: 2 }));
  expect(key({ ulimits: [nofile] })).not.toEqual(key({ ulimits: [{ ...nofile, hard: 3 }] }));
});

test('addresses, limits and order are not', () => {
  expect(key({ hosts: [host('a', '1.1.1.1')] })).toEqual(
    key({ hosts: [host('a', '2.2.2.2'), host('a', '::1')] }),
  );
  expect(key({ limits: { memory: 1, cpuShares: 2 } })).toEqual([]);
  expect(key({ ulimits: [nofile, core] })).toEqual(key({ ulimits: [core, nofile] }));
});
