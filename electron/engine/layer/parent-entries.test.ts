import { expect, test } from 'vitest';
import { memoryTree } from './memory-tree.ts';
import { withParents } from './parent-entries.ts';
import type { LayerPlanEntry } from './toc.ts';

const base = memoryTree({
  tmp: { dir: true, mode: 0o1777, uid: 5, mtime: 8 },
  'etc/conf.d/a': 'x',
  link: { symlink: 'etc' },
});
const file = (path: string): LayerPlanEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
});
const dir = (path: string): LayerPlanEntry => ({ ...file(path), type: 'dir', mode: 0o700 });

test('folders of the base come before what is in them, once', () => {
  const plan = withParents([file('tmp/x'), file('tmp/y'), file('etc/conf.d/b'), file('top')], base);
  expect(plan.map(({ path }) => path)).toEqual([
    'tmp',
    'tmp/x',
    'tmp/y',
    'etc',
    'etc/conf.d',
    'etc/conf.d/b',
    'top',
  ]);
  expect(plan[0]).toEqual({ path: 'tmp', type: 'dir', mode: 0o1777, uid: 5, gid: 0, mtime: 8, size: 0 });
});

test('what the plan says of a folder stays, and so does what is new', () => {
  const plan = [
    dir('etc'),
    file('etc/x'),
    file('new/sub/x'),
    file('link/x'),
    { ...file('tmp/gone'), type: 'whiteout' as const },
  ];
  expect(withParents(plan, base).map(({ path, mode }) => [path, mode])).toEqual([
    ['etc', 0o700],
    ['etc/x', 0o644],
    ['new/sub/x', 0o644],
    ['link/x', 0o644],
    ['tmp', 0o1777],
    ['tmp/gone', 0o644],
  ]);
});
