import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContentSource, FileTree } from '../layer/file-tree.ts';
import { memoryTree } from '../layer/memory-tree.ts';
import { readSmallFile } from './read-small-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-small-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A tree whose one file's bytes are somewhere else. */
function treeOn(source: ContentSource, size: number): FileTree {
  const tree = memoryTree({ 'etc/passwd': 'x'.repeat(size) });
  return { ...tree, content: () => source };
}

function hostSource(path: string): ContentSource {
  const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
  return { kind: 'host', path, stamp: { dev, ino, size, mtimeMs, ctimeMs } };
}

test('follows links inside the tree', async () => {
  const tree = memoryTree({
    'usr/etc/passwd': 'löl',
    etc: { symlink: '/../usr/etc' },
    loop: { symlink: 'loop' },
  });
  expect(await readSmallFile(tree, 'etc/passwd')).toBe('löl');
  expect(await readSmallFile(tree, '/etc/passwd')).toBe('löl');
  expect(await readSmallFile(tree, 'etc')).toBeUndefined();
  expect(await readSmallFile(tree, 'etc/group')).toBeUndefined();
  await expect(readSmallFile(tree, 'loop')).rejects.toMatchObject({ code: 'SYMLINK_LOOP' });
});

test('a link to the host leads nowhere', async () => {
  const tree = memoryTree({ 'etc/passwd': { symlink: '../../../../../../etc/hostname' } });
  expect(await readSmallFile(tree, 'etc/passwd')).toBeUndefined();
});

test('reads a slice of a blob', async () => {
  const path = join(folder, 'blob');
  writeFileSync(path, 'before root:x:0:0 after');
  expect(await readSmallFile(treeOn({ kind: 'blob', path, offset: 7, size: 10 }, 10), 'etc/passwd')).toBe(
    'root:x:0:0',
  );
});

test('reads a host file that is as it was', async () => {
  const path = join(folder, 'host');
  writeFileSync(path, 'hello');
  const source = hostSource(path);
  expect(await readSmallFile(treeOn(source, 5), 'etc/passwd')).toBe('hello');
  writeFileSync(path, 'other');
  await expect(readSmallFile(treeOn(source, 5), 'etc/passwd')).rejects.toMatchObject({
    code: 'CONTEXT_FILE_CHANGED',
  });
});

test('does not follow a host file that became a link', async () => {
  const path = join(folder, 'link');
  writeFileSync(path, 'hello');
  const source = hostSource(path);
  rmSync(path);
  symlinkSync('/etc/hostname', path);
  await expect(readSmallFile(treeOn(source, 5), 'etc/passwd')).rejects.toMatchObject({ code: 'ELOOP' });
});

test('refuses more than 1 MiB', async () => {
  const tree = memoryTree({ big: 'x'.repeat(1024 * 1024 + 1), fits: 'x'.repeat(1024 * 1024) });
  await expect(readSmallFile(tree, 'big')).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  expect(await readSmallFile(tree, 'fits')).toHaveLength(1024 * 1024);
});
