import { expect, test } from 'vitest';
import type { Identity } from '../base/identity.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { ownEntries, ownUser } from './own-ids.ts';

const RANGE: Identity = { kind: 'range', users: 65_536, groups: 65_536, firstUser: 1, firstGroup: 1 };
const SINGLE: Identity = { kind: 'single', because: 'there is no range', fix: 'usermod …' };
const file = (change: Partial<LayerPlanEntry>): LayerPlanEntry => ({
  ...{ path: 'a', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 },
  ...change,
});

test('attributes that only root of the machine may set are left out for others', () => {
  const xattrs = { 'user.a': '1', 'security.capability': 'c', 'trusted.t': 't', 'security.selinux': 's' };
  expect(ownEntries([file({ xattrs })], { kind: 'root' })[0]?.xattrs).toEqual(xattrs);
  expect(Object.keys(ownEntries([file({ xattrs })], RANGE)[0]?.xattrs ?? {})).toEqual([
    'user.a',
    'security.capability',
  ]);
});

test.each([{ uid: 65_536 }, { gid: 65_536 }])('an owner beyond the range is named: %j', (owner) => {
  expect(() => ownEntries([file(owner)], RANGE)).toThrow(
    expect.objectContaining({
      code: 'RUN_OWNER_UNMAPPED',
      message: expect.stringContaining('/a of the image'),
    }),
  );
  expect(ownEntries([file(owner)], SINGLE)).toHaveLength(1);
});

test('users', () => {
  const user = { uid: 1000, gid: 1000, additionalGids: [1000, 70_000] };
  expect(ownUser(user, { kind: 'root' })).toBe(user);
  expect(ownUser(user, RANGE)).toEqual({ ...user, additionalGids: [1000] });
  expect(() => ownUser({ ...user, uid: 70_000 }, RANGE)).toThrow(/range of subordinate ids has 65536/);
  expect(() => ownUser(user, SINGLE)).toThrow(/no users but root: there is no range/);
  expect(ownUser({ uid: 0, gid: 0, additionalGids: [0, 4] }, SINGLE)).toEqual({
    ...{ uid: 0, gid: 0, additionalGids: [] },
  });
});
