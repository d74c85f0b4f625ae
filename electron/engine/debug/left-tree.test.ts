import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryTree } from '../layer/memory-tree.ts';
import { resolvePath } from '../layer/resolve.ts';
import { leftTree } from './left-tree.ts';

const BASE = memoryTree({ 'bin/sh': 'base', 'bin/other': 'base', 'lib/a/b': 'base', 'etc/x': 'base' });
let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'slipway-left-'));
});
afterEach(() => rm(path, { recursive: true, force: true }));

test('changes lie on what was there', () => {
  mkdirSync(join(path, 'bin'));
  writeFileSync(join(path, 'bin/sh'), 'changed');
  chmodSync(join(path, 'bin/sh'), 0o4711);
  writeFileSync(join(path, 'lib'), 'a file in the place of a folder');
  const tree = leftTree(BASE, { path, form: 'upper' });
  expect(tree.get('bin/sh')).toMatchObject({ type: 'file', mode: 0o4711, size: 7 });
  expect(tree.get('bin/other')).toEqual(BASE.get('bin/other'));
  expect(tree.get('etc/x')).toEqual(BASE.get('etc/x'));
  expect(tree.get('lib')?.type).toBe('file');
  expect(tree.get('lib/a/b')).toBeUndefined();
  expect(tree.get('')).toEqual(BASE.get(''));
});

test.runIf(process.getuid?.() === 0)('what was removed is not there (only root makes devices)', () => {
  mkdirSync(join(path, 'bin'));
  for (const name of ['bin/sh', 'lib']) execFileSync('mknod', [join(path, name), 'c', '0', '0']);
  const tree = leftTree(BASE, { path, form: 'upper' });
  expect(['bin/sh', 'lib', 'lib/a/b'].map((each) => tree.get(each))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(tree.get('bin/other')).toBeDefined();
});

test('a whole file system has nothing but what is there', () => {
  writeFileSync(join(path, 'file'), '');
  const tree = leftTree(BASE, { path, form: 'whole' });
  expect(tree.get('file')?.type).toBe('file');
  expect(tree.get('bin/sh')).toBeUndefined();
});

test('links never lead to this machine', () => {
  symlinkSync('/etc', join(path, 'etc'));
  symlinkSync('/bin/sh', join(path, 'shell'));
  const tree = leftTree(BASE, { path, form: 'upper' });
  expect(tree.get('etc')).toMatchObject({ type: 'symlink', linkname: '/etc' });
  expect(tree.get('etc/passwd')).toBeUndefined();
  expect(resolvePath(tree, 'shell', { followLast: true })).toEqual({
    path: 'bin/sh',
    entry: BASE.get('bin/sh'),
  });
});
