import { expect, test } from 'vitest';
import { capabilitiesFor } from './capabilities.ts';

const ROOT = { kind: 'root' } as const;

test('the default set makes no devices, an insecure step has all 41', () => {
  expect(capabilitiesFor(false, ROOT, -1n)).not.toContain('CAP_MKNOD');
  expect(new Set(capabilitiesFor(true, ROOT, -1n)).size).toBe(41);
});

test('root gives away nothing that it has not got; a user namespace has all', () => {
  const withoutResource = (1n << 41n) - 1n - (1n << 24n);
  expect(capabilitiesFor(true, ROOT, withoutResource)).toHaveLength(40);
  expect(capabilitiesFor(true, ROOT, withoutResource)).not.toContain('CAP_SYS_RESOURCE');
  expect(capabilitiesFor(false, ROOT, 1n)).toEqual(['CAP_CHOWN']);
  const range = { kind: 'range', users: 65_536, groups: 65_536, firstUser: 1, firstGroup: 1 } as const;
  expect(capabilitiesFor(true, range, 0n)).toContain('CAP_SYS_ADMIN');
});
