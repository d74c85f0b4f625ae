import { expect, test } from 'vitest';
import { memoryTree } from '../layer/memory-tree.ts';
import { mountFolders } from './lay-mounts.ts';

test('the folders above mounts, without links and without those that the kernel covers', () => {
  const view = memoryTree({ real: { dir: true }, link: { symlink: '/../real' } });
  const targets = ['/link/made/x', '/mnt', '/dev/pipes/EOF', '/a/b/c', '/a/b/d'];
  const mounts = targets.map((target) => ({ kind: 'tmpfs' as const, target }));
  expect(mountFolders(mounts, view)).toEqual(['etc', 'real/made', 'a/b']);
});
