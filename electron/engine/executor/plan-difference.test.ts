import { expect, test } from 'vitest';
import { memoryTree, type MemoryNode } from '../layer/memory-tree.ts';
import type { TocEntry } from '../layer/toc.ts';
import { below } from './plain-copy.ts';
import { planDifference } from './plan-difference.ts';

/** Both sides as trees; the answer as `type path` lines. */
async function difference(
  before: Readonly<Record<string, MemoryNode>>,
  after: Readonly<Record<string, MemoryNode>>,
): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const plan = await planDifference(await listed(after), memoryTree(before), signal);
  return plan.map(({ type, path }) => `${type} ${path}`);
}

/** A tree as the tar of a directory lists it. */
async function listed(nodes: Readonly<Record<string, MemoryNode>>): Promise<readonly TocEntry[]> {
  const tree = memoryTree(nodes);
  const entries = [...below(tree)];
  const digests = await tree.digests(entries.filter(({ type }) => type === 'file'));
  const firstNames = new Map<string, string>();
  let next = 0;
  return entries.map(({ inode, ...entry }): TocEntry => {
    const type = entry.type as TocEntry['type'];
    const digest = type === 'file' ? digests[next++] : undefined;
    const first = inode === undefined ? undefined : firstNames.get(inode);
    if (inode !== undefined && first === undefined) firstNames.set(inode, entry.path);
    if (first !== undefined) return { ...entry, type: 'hardlink', size: 0, linkname: first };
    return { ...entry, type, ...(digest === undefined ? {} : { digest }) };
  });
}

const BASE = { 'a/x': 'one', 'a/y': 'two', l: { symlink: 'a' }, 'd/e/f': 'deep' } as const;

test.each<[string, Record<string, MemoryNode>, readonly string[]]>([
  ['nothing changed', BASE, []],
  ['other bytes', { ...BASE, 'a/x': 'ONE' }, ['file a/x']],
  ['another mode', { ...BASE, 'a/x': { file: 'one', mode: 0o755 } }, ['file a/x']],
  ['another time', { ...BASE, 'a/x': { file: 'one', mtime: 9 } }, ['file a/x']],
  ['another attribute', { ...BASE, 'a/x': { file: 'one', xattrs: { 'user.a': 'b' } } }, ['file a/x']],
  ['another target', { ...BASE, l: { symlink: 'd' } }, ['symlink l']],
  ['something new', { ...BASE, 'n/m': 'x' }, ['dir n', 'file n/m']],
  ['a file that is gone', { 'a/x': 'one', l: BASE.l, 'd/e/f': 'deep' }, ['whiteout a/y']],
  ['a folder that is gone, once', { 'a/x': 'one', 'a/y': 'two', l: BASE.l }, ['whiteout d']],
  ['a folder that is a file', { 'a/x': 'one', 'a/y': 'two', l: BASE.l, d: 'file' }, ['file d']],
  ['a file that is a folder', { ...BASE, 'a/x': { dir: true } }, ['dir a/x']],
  ['a new hard link brings its file', { ...BASE, 'a/z': { hardlink: 'a/x' } }, ['file a/x', 'hardlink a/z']],
])('%s', async (_, after, expected) => {
  expect(await difference(BASE, after)).toEqual(expected);
});

test('a hard link that was there before is no change', async () => {
  const nodes = { a: 'x', b: { hardlink: 'a' } } as const;
  expect(await difference(nodes, nodes)).toEqual([]);
});

test('a device of the image, which is an empty file on the disk, is no change', async () => {
  const device = { 'dev/null': { char: [1, 3], mode: 0o666 } } as const;
  expect(await difference(device, { 'dev/null': { file: '', mode: 0o666 } })).toEqual([]);
  expect(await difference(device, { 'dev/null': { file: 'x', mode: 0o666 } })).toEqual(['file dev/null']);
});
