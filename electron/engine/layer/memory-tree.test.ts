import { expect, test } from 'vitest';
import { memoryTree } from './memory-tree.ts';

test('gives entries, implied folders and sorted children', () => {
  const tree = memoryTree({ 'b/z': 'zz', 'b/a': { symlink: 'z' }, a: { dir: true, mode: 0o700, uid: 7 } });
  expect(tree.get('')).toMatchObject({ type: 'dir', mode: 0o755 });
  expect(tree.get('b')).toMatchObject({ type: 'dir', mode: 0o755, uid: 0 });
  expect(tree.get('a')).toMatchObject({ type: 'dir', mode: 0o700, uid: 7 });
  expect(tree.get('b/a')).toMatchObject({ type: 'symlink', mode: 0o777, linkname: 'z' });
  expect(tree.get('b/z')).toMatchObject({ type: 'file', mode: 0o644, size: 2 });
  expect(tree.get('nothing')).toBeUndefined();
  expect(tree.children('').map((entry) => entry.path)).toEqual(['a', 'b']);
  expect(tree.children('b').map((entry) => entry.path)).toEqual(['b/a', 'b/z']);
  expect(tree.children('b/z')).toEqual([]);
});

test('hard links share inode, metadata and bytes', async () => {
  const tree = memoryTree({ one: { file: 'hello', mode: 0o4755 }, two: { hardlink: 'one' }, three: 'hello' });
  const [one, two, three] = ['one', 'two', 'three'].map((path) => tree.get(path)!);
  expect(two).toEqual({ ...one, path: 'two' });
  expect(three!.inode).not.toBe(one!.inode);
  expect(tree.content(two!)).toEqual({ kind: 'bytes', data: Buffer.from('hello') });
  const digest = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
  expect(await tree.digests([one!, two!, three!])).toEqual([digest, digest, digest]);
});
