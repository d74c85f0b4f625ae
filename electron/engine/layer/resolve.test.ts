import { describe, expect, test } from 'vitest';
import { memoryTree } from './memory-tree.ts';
import { resolvePath } from './resolve.ts';

const tree = memoryTree({
  'dir/file': 'x',
  'dir/up': { symlink: '../other' },
  'dir/above': { symlink: '../../../../../other/deep' },
  'dir/abs': { symlink: '/other/deep' },
  'other/deep/leaf': 'y',
  abs: { symlink: '/dir' },
  host: { symlink: '/etc/shadow' },
  chain: { symlink: 'abs/up/deep' },
  dangling: { symlink: 'not/there' },
  self: { symlink: 'self' },
  ping: { symlink: 'pong/x' },
  pong: { symlink: 'ping/x' },
  slashes: { symlink: '//dir//./' },
  rootlink: { symlink: '/' },
});

describe('follows links inside the tree', () => {
  test.each([
    ['', '', 'dir'],
    ['/', '', 'dir'],
    ['.', '', 'dir'],
    ['dir/file', 'dir/file', 'file'],
    ['/dir/./file/', 'dir/file', 'file'],
    ['dir//file', 'dir/file', 'file'],
    ['../../dir', 'dir', 'dir'],
    ['abs/file', 'dir/file', 'file'],
    ['dir/abs/leaf', 'other/deep/leaf', 'file'],
    ['abs', 'dir', 'dir'],
    ['abs/', 'dir', 'dir'],
    ['slashes', 'dir', 'dir'],
    ['rootlink/abs/file', 'dir/file', 'file'],
    ['dir/up/deep/leaf', 'other/deep/leaf', 'file'],
    ['dir/above/leaf', 'other/deep/leaf', 'file'],
    ['chain/leaf', 'other/deep/leaf', 'file'],
    ['chain/..', 'other', 'dir'],
    ['host', 'etc/shadow', undefined],
    ['dangling', 'not/there', undefined],
    ['dangling/more', 'not/there/more', undefined],
    ['dangling/../../dir', 'dir', 'dir'],
    ['new/a/b', 'new/a/b', undefined],
    ['dir/file/below', 'dir/file/below', undefined],
    ['abs/new', 'dir/new', undefined],
  ])('%j is %j', (path, resolved, type) => {
    const answer = resolvePath(tree, path, { followLast: true });
    expect([answer.path, answer.entry?.type]).toEqual([resolved, type]);
  });
});

test.each([
  ['abs', 'abs', 'symlink'],
  ['abs/', 'abs', 'symlink'],
  ['abs/up', 'dir/up', 'symlink'],
  ['self', 'self', 'symlink'],
  ['chain/leaf', 'other/deep/leaf', 'file'],
])('leaves the last component of %j alone when asked to', (path, resolved, type) => {
  const answer = resolvePath(tree, path, { followLast: false });
  expect([answer.path, answer.entry?.type]).toEqual([resolved, type]);
});

test.each(['self', 'self/x', 'ping', 'dir/../pong'])('refuses the loop at %j', (path) => {
  expect(() => resolvePath(tree, path, { followLast: true })).toThrowError(
    expect.objectContaining({ code: 'SYMLINK_LOOP' }),
  );
});

test('allows 255 links and not one more', () => {
  const links = Object.fromEntries(
    Array.from({ length: 256 }, (_, i) => [`l${i}`, { symlink: i === 0 ? 'end' : `l${i - 1}` }]),
  );
  const chain = memoryTree({ end: 'x', ...links });
  expect(resolvePath(chain, 'l254', { followLast: true }).path).toBe('end');
  expect(() => resolvePath(chain, 'l255', { followLast: true })).toThrowError(/more than 255/);
});
