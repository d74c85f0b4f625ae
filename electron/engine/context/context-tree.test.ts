import { hash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FileTree } from '../layer/file-tree.ts';
import { contextTree } from './context-tree.ts';
import { isSettled } from './hash-files.ts';
import { directPool, testFolder } from './test-context.ts';
import { walkJob } from './walk.ts';

function open(root: string, statCachePath?: string): FileTree & { readonly hashed: () => number } {
  const { columns } = walkJob(
    { root, ignore: [], statCachePath },
    { cancelled: () => false, progress: () => undefined },
  );
  const pool = directPool();
  const tree = contextTree(columns, { root, pool, statCachePath });
  return { ...tree, hashed: () => pool.ran.filter((job) => job === 'context.hash').length };
}

const digest = async (tree: FileTree, path: string): Promise<string> =>
  (await tree.digests([tree.get(path)!]))[0]!;
const sha256 = (data: string | Buffer): string => hash('sha256', data, 'hex');
const age = (path: string): void => utimesSync(path, 1_000_000_000.5, 1_000_000_000.5);

describe('digests', () => {
  test('of files of all sizes, in the order asked', async () => {
    using folder = testFolder({ empty: '', 'd/small': 'abc' });
    const sizes = [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_500_000];
    for (const size of sizes) writeFileSync(join(folder.root, `f${size}`), Buffer.alloc(size, `${size}`));
    const tree = open(folder.root);
    const names = ['d/small', ...sizes.map((size) => `f${size}`), 'empty', 'd/small'];
    expect(await tree.digests(names.map((name) => tree.get(name)!))).toEqual(
      names.map((name) => sha256(readFileSync(join(folder.root, name)))),
    );
    expect(await tree.digests([])).toEqual([]);
  });

  test('are found once, also for entries that are copies', async () => {
    using folder = testFolder({ a: 'x', b: 'y' });
    const tree = open(folder.root);
    const [a, b] = [tree.get('a')!, tree.get('b')!];
    await Promise.all([tree.digests([a, b]), tree.digests([b, a])]);
    const { path, type, mode, uid, gid, size, mtime } = a;
    expect(await tree.digests([{ path, type, mode, uid, gid, size, mtime }])).toEqual([sha256('x')]);
    expect(tree.hashed()).toBe(1);
  });

  test('of what is no file of the tree is a defect', async () => {
    using folder = testFolder({ 'd/a': 'x' });
    const tree = open(folder.root);
    await expect(tree.digests([tree.get('d')!])).rejects.toThrow('not a file');
    await expect(tree.digests([{ ...tree.get('d/a')!, path: 'd/b' }])).rejects.toThrow('not a file');
  });

  test('stop when the signal fires', async () => {
    using folder = testFolder({ a: 'x' });
    const tree = open(folder.root);
    await expect(tree.digests([tree.get('a')!], AbortSignal.abort())).rejects.toThrow(/abort/i);
    expect(await digest(tree, 'a')).toBe(sha256('x'));
  });
});

describe('a file that is not as the walk found it', () => {
  const changes: readonly (readonly [string, (path: string) => void])[] = [
    ['appended to', (path) => appendFileSync(path, 'more')],
    ['cut', (path) => truncateSync(path, 1)],
    ['rewritten with as many bytes and its old mtime', (path) => (writeFileSync(path, 'lived'), age(path))],
    [
      'replaced',
      (path) => (writeFileSync(`${path}.new`, 'hello'), age(`${path}.new`), renameSync(`${path}.new`, path)),
    ],
    ['removed', (path) => rmSync(path)],
    ['replaced by a directory', (path) => (rmSync(path), execFileSync('mkdir', [path]))],
    [
      'replaced by a symbolic link',
      (path) => (renameSync(path, `${path}.old`), symlinkSync(`${path}.old`, path)),
    ],
    ['replaced by a pipe', (path) => (rmSync(path), execFileSync('mkfifo', [path]))],
    ['moved with its directory', (path) => renameSync(join(path, '..'), join(path, '../../elsewhere'))],
  ];
  test.each(changes)('%s', async (_, change) => {
    using folder = testFolder({ 'd/file': 'hello' });
    const path = join(folder.root, 'd/file');
    age(path);
    const tree = open(folder.root);
    await sleep(10);
    change(path);
    await expect(digest(tree, 'd/file')).rejects.toMatchObject({
      code: 'CONTEXT_FILE_CHANGED',
      message: '"d/file" changed while the build was reading it.',
    });
  });

  test('while it is read', async () => {
    using folder = testFolder();
    const path = join(folder.root, 'big');
    writeFileSync(path, Buffer.alloc(8 << 20));
    age(path);
    const output = walkJob(
      { root: folder.root, ignore: [] },
      { cancelled: () => false, progress: () => undefined },
    );
    const { hashJob } = await import('./hash-files.ts');
    let reads = 0;
    const meddling = {
      cancelled: () => (
        ++reads === 4 && writeFileSync(path, Buffer.alloc(1 << 20, 1), { flag: 'r+' }),
        false
      ),
      progress: () => undefined,
    };
    await sleep(10);
    expect(() =>
      hashJob({ root: folder.root, columns: output.columns, rows: Uint32Array.of(1) }, meddling),
    ).toThrow(expect.objectContaining({ code: 'CONTEXT_FILE_CHANGED' }));
  });
});

test('content is on the host, with the state the walk saw', () => {
  using folder = testFolder({ 'd/a': 'x' });
  const tree = open(folder.root);
  const { dev, ino, size, mtimeMs, ctimeMs } = lstatSync(join(folder.root, 'd/a'));
  expect(tree.content(tree.get('d/a')!)).toEqual({
    kind: 'host',
    path: join(folder.root, 'd/a'),
    stamp: { dev, ino, size, mtimeMs, ctimeMs },
  });
});

describe('the stat cache', () => {
  const settle = (): Promise<void> => sleep(40);

  test('spares reading what did not change', async () => {
    using folder = testFolder({ a: '1', 'd/b': '2' });
    using cache = testFolder();
    const file = join(cache.root, 'sub/cache');
    await settle();
    const first = open(folder.root, file);
    expect(await digest(first, 'a')).toBe(sha256('1'));
    expect(await digest(first, 'd/b')).toBe(sha256('2'));
    const second = open(folder.root, file);
    expect([await digest(second, 'd/b'), await digest(second, 'a'), second.hashed()]).toEqual([
      sha256('2'),
      sha256('1'),
      0,
    ]);

    writeFileSync(join(folder.root, 'a'), '3');
    writeFileSync(join(folder.root, '0'), 'new');
    await settle();
    const third = open(folder.root, file);
    expect([await digest(third, 'd/b'), third.hashed()]).toEqual([sha256('2'), 0]);
    expect([await digest(third, 'a'), await digest(third, '0'), third.hashed()]).toEqual([
      sha256('3'),
      sha256('new'),
      2,
    ]);
    const fourth = open(folder.root, file);
    expect([
      await digest(fourth, 'a'),
      await digest(fourth, '0'),
      await digest(fourth, 'd/b'),
      fourth.hashed(),
    ]).toEqual([sha256('3'), sha256('new'), sha256('2'), 0]);
  });

  test('is not fooled by an edit that keeps size and mtime', async () => {
    using folder = testFolder({ a: 'one' });
    using cache = testFolder();
    const path = join(folder.root, 'a');
    for (const text of ['two', 'six', 'ten']) {
      age(path);
      await settle();
      await digest(open(folder.root, join(cache.root, 'c')), 'a');
      writeFileSync(path, text);
      age(path);
      expect(await digest(open(folder.root, join(cache.root, 'c')), 'a')).toBe(sha256(text));
    }
  });

  test('does not keep what changed too recently to tell', async () => {
    using folder = testFolder({ a: 'x' });
    using cache = testFolder();
    writeFileSync(join(folder.root, 'a'), 'y');
    await digest(open(folder.root, join(cache.root, 'c')), 'a');
    const again = open(folder.root, join(cache.root, 'c'));
    await digest(again, 'a');
    expect(again.hashed()).toBe(1);
  });

  test.each([
    [{ mtimeMs: 5_000.25, ctimeMs: 5_000.25 }, 5_019, false],
    [{ mtimeMs: 5_000.25, ctimeMs: 5_000.25 }, 5_021, true],
    [{ mtimeMs: 1.25, ctimeMs: 5_000.25 }, 5_001, false],
    [{ mtimeMs: 5_000, ctimeMs: 5_000 }, 6_999, false],
    [{ mtimeMs: 5_000, ctimeMs: 5_000 }, 7_001, true],
    [{ mtimeMs: 9_000.5, ctimeMs: 9_000.5 }, 5_000, false],
  ])('%j at %d: settled %s', (times, now, expected) => {
    expect(isSettled(times, now)).toBe(expected);
  });

  test('is ignored and written anew when it is damaged', async () => {
    using folder = testFolder({ a: 'x', b: 'y' });
    using cache = testFolder();
    const file = join(cache.root, 'c');
    await settle();
    await digest(open(folder.root, file), 'a');
    const good = readFileSync(file);
    const damages = [
      Buffer.alloc(0),
      Buffer.from('rubbish'),
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Buffer.from('x')]),
      ...Array.from({ length: good.length }, (_, i) =>
        Buffer.from(good.map((byte, at) => (at === i ? byte ^ 1 : byte))),
      ),
    ];
    for (const damaged of damages) {
      writeFileSync(file, damaged);
      const tree = open(folder.root, file);
      expect(await digest(tree, 'a')).toBe(sha256('x'));
      expect(tree.hashed()).toBe(1);
      expect(readFileSync(file).equals(good)).toBe(true);
    }
    rmSync(file);
    symlinkSync('/nowhere/at/all', file);
    expect(await digest(open(folder.root, file), 'b')).toBe(sha256('y'));
    expect(existsSync(file)).toBe(true);
  });

  test('a cache that cannot be written does not fail the build', async () => {
    using folder = testFolder({ a: 'x' });
    await settle();
    expect(await digest(open(folder.root, join(folder.root, 'a/not/a/folder')), 'a')).toBe(sha256('x'));
  });
});
