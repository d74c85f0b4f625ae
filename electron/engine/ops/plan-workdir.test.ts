import { expect, test } from 'vitest';
import { memoryTree, type MemoryNode } from '../layer/memory-tree.ts';
import { listing, TEST_PLACE, TEST_TIME } from './copy-for-tests.ts';
import { planWorkdir } from './plan-workdir.ts';

const BASE: Readonly<Record<string, MemoryNode>> = {
  'usr/src': { dir: true, mode: 0o700 },
  src: { symlink: '/usr/src' },
  up: { symlink: '../../usr' },
  dangling: { symlink: 'usr/new' },
  file: 'file',
  loop: { symlink: 'loop' },
};

function plan(path: string, nodes = BASE): ReturnType<typeof planWorkdir> {
  const base = memoryTree(nodes, 'stage "app"');
  return planWorkdir({ ...TEST_PLACE, path, base, owner: { uid: 5, gid: 6 }, createdAt: TEST_TIME });
}

test.each<[string, readonly string[]]>([
  ['/', []],
  ['/usr', []],
  ['/usr/src', []],
  ['/src', []],
  ['/app', ['dir 755 5:6 app']],
  ['/app/x/y', ['dir 755 5:6 app', 'dir 755 5:6 app/x', 'dir 755 5:6 app/x/y']],
  ['/usr/src/x', ['dir 755 5:6 usr/src/x']],
  ['/src/x', ['dir 755 5:6 usr/src/x']],
  ['/up/lib/x', ['dir 755 5:6 usr/lib', 'dir 755 5:6 usr/lib/x']],
  ['/dangling', ['dir 755 5:6 usr/new']],
  ['/dangling/x', ['dir 755 5:6 usr/new', 'dir 755 5:6 usr/new/x']],
])('WORKDIR %s', (path, expected) => {
  expect(listing(plan(path))).toEqual(expected);
});

test('on an empty file system everything is made, at the time of the build', () => {
  const entries = plan('/a/b', {});
  expect(entries.map(({ path, mtime }) => [path, mtime])).toEqual([
    ['a', TEST_TIME],
    ['a/b', TEST_TIME],
  ]);
});

test.each([
  ['/file', 'WORKDIR_NOT_DIRECTORY', '/file is not a directory'],
  ['/file/x/y', 'WORKDIR_NOT_DIRECTORY', '/file is not a directory'],
  ['/loop', 'SYMLINK_LOOP', '/loop'],
  ['/loop/x', 'SYMLINK_LOOP', '/loop'],
])('WORKDIR %s fails with %s', (path, code, message) => {
  expect(() => plan(path)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message), ...TEST_PLACE }),
  );
});

test('a path of 12,000 elements does not exhaust the stack', () => {
  expect(plan('/d'.repeat(12_000))).toHaveLength(12_000);
});
