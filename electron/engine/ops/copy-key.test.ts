import { describe, expect, test } from 'vitest';
import type { MemoryNode } from '../layer/memory-tree.ts';
import { selectLine } from './copy-for-tests.ts';
import { selectionLines } from './copy-key.ts';
import { selectedFiles } from './selection.ts';

type Nodes = Readonly<Record<string, MemoryNode>>;

async function keyOf(line: string, source: Nodes): Promise<string> {
  const selection = selectLine(line, { source });
  const files = selectedFiles(selection);
  const hashes = await selection.tree.digests(files);
  return selectionLines(selection, new Map(files.map(({ path }, i) => [path, hashes[i]!])));
}

const BEFORE: Nodes = {
  src: { dir: true },
  'src/a': 'a',
  'src/bin': { file: 'b', mode: 0o755, xattrs: { 'user.b': '1', 'user.a': '2' } },
  'src/dir': { dir: true, mode: 0o755 },
  'src/dir/c': 'c',
  'src/link': { symlink: 'a' },
  'src/null': { char: [1, 3] },
  'other/x': 'x',
  alone: 'file',
  alias: { symlink: 'alone' },
};

describe('what changes the key of COPY src /d', () => {
  test.each<[string, Nodes]>([
    ['bytes', { 'src/a': 'A' }],
    ['size', { 'src/a': 'aa' }],
    ['a deeper file', { 'src/dir/c': 'C' }],
    ['mode of a file', { 'src/a': { file: 'a', mode: 0o600 } }],
    ['setuid', { 'src/bin': { file: 'b', mode: 0o4755, xattrs: { 'user.b': '1', 'user.a': '2' } } }],
    ['owner', { 'src/a': { file: 'a', uid: 5 } }],
    ['group', { 'src/a': { file: 'a', gid: 5 } }],
    ['type', { 'src/a': { symlink: 'a' } }],
    ['target of a link', { 'src/link': { symlink: 'bin' } }],
    ['device numbers', { 'src/null': { char: [1, 5] } }],
    ['kind of device', { 'src/null': { block: [1, 3] } }],
    [
      'value of an attribute',
      { 'src/bin': { file: 'b', mode: 0o755, xattrs: { 'user.b': '1', 'user.a': '3' } } },
    ],
    ['attributes', { 'src/bin': { file: 'b', mode: 0o755 } }],
    ['mode of a folder below', { 'src/dir': { dir: true, mode: 0o700 } }],
    ['mode of the folder itself', { src: { dir: true, mode: 0o700 } }],
    ['a new file', { 'src/new': '' }],
    ['a new empty folder', { 'src/new': { dir: true } }],
  ])('%s', async (_what, change) => {
    expect(await keyOf('COPY src /d', { ...BEFORE, ...change })).not.toBe(await keyOf('COPY src /d', BEFORE));
  });

  test.each<[string, Nodes]>([
    [
      'a time',
      { 'src/a': { file: 'a', mtime: 99 }, 'src/dir': { dir: true, mtime: 5 }, src: { dir: true, mtime: 7 } },
    ],
    ['a file elsewhere', { 'other/x': 'y' }],
    [
      'the order of attributes',
      { 'src/bin': { file: 'b', mode: 0o755, xattrs: { 'user.a': '2', 'user.b': '1' } } },
    ],
  ])('not %s', async (_what, change) => {
    expect(await keyOf('COPY src /d', { ...BEFORE, ...change })).toBe(await keyOf('COPY src /d', BEFORE));
  });

  test('not the folder it was in', async () => {
    const moved = Object.fromEntries(
      Object.entries(BEFORE).map(([path, node]) => [path.replace(/^src/, 'deep/src'), node]),
    );
    expect(await keyOf('COPY deep/src /d', moved)).toBe(await keyOf('COPY src /d', BEFORE));
  });

  test('renaming a file does, and so does moving it', async () => {
    const { 'src/a': a, ...rest } = BEFORE;
    const keys = [
      await keyOf('COPY src /d', BEFORE),
      await keyOf('COPY src /d', { ...rest, 'src/b': a! }),
      await keyOf('COPY src /d', { ...rest, 'src/dir/a': a! }),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});

test.each(['COPY src/ /d', 'COPY . /d'])('with %s the folder itself does not count', async (line) => {
  const before = { 'src/a': 'a' };
  const key = await keyOf(line, before);
  expect(await keyOf(line, { ...before, '': { dir: true, mode: 0o700 } })).toBe(key);
  const changed = await keyOf('COPY src/ /d', { ...before, src: { dir: true, mode: 0o700 } });
  expect(changed).toBe(await keyOf('COPY src/ /d', before));
});

test('a single file counts with its name, a link with the name it was called by', async () => {
  const plain = await keyOf('COPY alone /d', BEFORE);
  const renamed = await keyOf('COPY again /d', { again: 'file' });
  const alias = await keyOf('COPY alias /d', BEFORE);
  expect(new Set([plain, renamed, alias]).size).toBe(3);
  expect(alias).toBe(plain.replace('alone', 'alias'));
});

test('what one source ends with is not what the next begins with', async () => {
  const together = await keyOf('COPY a b /d', { 'a/x': 'x', 'a/y': 'y', b: { dir: true } });
  const apart = await keyOf('COPY a b /d', { 'a/x': 'x', 'b/y': 'y' });
  expect(together).not.toBe(apart);
});

test('no name can imitate another entry', async () => {
  const name = 'x","file","644",0,0,1,"y"]\n["z';
  const key = await keyOf('COPY . /d', { [name]: 'a' });
  expect(key.trimEnd().split('\n')).toHaveLength(2);
  expect(await keyOf('COPY . /d', { 'a\udcff': '' })).not.toBe(await keyOf('COPY . /d', { 'a\ufffd': '' }));
});

test('the lines say what was read', async () => {
  const digest = (character: string): string => (character === 'a' ? 'ca978112ca1bbdca' : '');
  const lines = (await keyOf('COPY src /d', { 'src/a': 'a', 'src/l': { symlink: 'a' } }))
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown[])).toEqual([
    ['/', 'dir', '755', 0, 0, 0, ''],
    ['a', 'file', '644', 0, 0, 1, expect.stringMatching(`^${digest('a')}`)],
    ['l', 'symlink', '777', 0, 0, 0, '', 'a', [], []],
  ]);
});

test('an unknown digest is a defect', () => {
  expect(() => selectionLines(selectLine('COPY alone /d', { source: BEFORE }), new Map())).toThrow('alone');
});
