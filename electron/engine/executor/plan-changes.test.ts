import { expect, test } from 'vitest';
import { memoryTree } from '../layer/memory-tree.ts';
import type { TocEntry } from '../layer/toc.ts';
import { planChanges } from './plan-changes.ts';

/** `dir etc`, `file a/b`, `whiteout c`, in the order of a tar. */
function entries(...lines: readonly string[]): readonly TocEntry[] {
  return lines.map((line): TocEntry => {
    const [type, path = ''] = line.split(' ') as [TocEntry['type'], string?];
    const mode = type === 'dir' ? 0o755 : 0o644;
    const entry = { path, type, mode, uid: 0, gid: 0, mtime: 1, size: 0 };
    return type === 'file' ? { ...entry, offset: 512, digest: '0'.repeat(64) } : entry;
  });
}

const BASE = memoryTree({ 'etc/passwd': 'x', var: { dir: true, mode: 0o700 }, 'usr/bin/a': 'a' });
const plan = (...lines: readonly string[]): readonly string[] =>
  planChanges(entries(...lines), '/tar', BASE, ['proc', 'etc/hosts', 'mnt/deep/target', 'var']).map(
    ({ type, path }) => `${type} ${path}`,
  );

test('what was made for mounts only is left out, with the folders above it', () => {
  expect(
    plan('dir ', 'dir etc', 'file etc/hosts', 'dir mnt', 'dir mnt/deep', 'dir mnt/deep/target', 'dir proc'),
  ).toEqual([]);
});

test('a folder above a mount stays where something else is in it', () => {
  expect(plan('dir mnt', 'dir mnt/deep', 'dir mnt/deep/target', 'file mnt/deep/own')).toEqual([
    'dir mnt',
    'dir mnt/deep',
    'file mnt/deep/own',
  ]);
});

test('a folder that got another mode stays, though something was mounted on it', () => {
  expect(plan('dir var')).toEqual(['dir var']);
});

test('a whiteout of nothing is left out, one of something stays', () => {
  expect(plan('whiteout gone', 'dir usr', 'dir usr/bin', 'whiteout usr/bin/a')).toEqual([
    'dir usr',
    'dir usr/bin',
    'whiteout usr/bin/a',
  ]);
});
