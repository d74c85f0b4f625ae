import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { createWorkerPool } from '../base/worker-pool.ts';
import { expandArchive, expandArchiveJob, probeArchive } from './expand-archive.ts';
import { memoryTree, type MemoryNode } from './memory-tree.ts';
import { mergedView } from './merged-view.ts';
import { tarOf, type FixtureMember } from './tar-fixture.ts';
import { parseToc } from './toc-codec.ts';
import type { LayerPlanEntry } from './toc.ts';
import { planUnpack, type UnpackOptions } from './unpack-plan.ts';
import { writeLayerJob } from './write-layer.ts';

const dir = mkdtempSync(join(tmpdir(), 'slipway-unpack-'));
afterAll(() => rmSync(dir, { recursive: true }));
const running = { cancelled: () => false };
const tarPath = join(dir, 'tar');

async function expand(...members: FixtureMember[]) {
  const source = { kind: 'bytes', data: tarOf(...members) } as const;
  return parseToc(await expandArchiveJob({ source, tarPath }, running));
}
async function plan(
  members: FixtureMember[],
  base: Record<string, MemoryNode> = {},
  options: Partial<UnpackOptions> = {},
): Promise<LayerPlanEntry[]> {
  const tree = memoryTree(base, 'the base');
  return planUnpack({
    entries: await expand(...members),
    tarPath,
    base: tree,
    destination: '/',
    createdAt: 42,
    ...options,
  });
}
const text = ({ source }: LayerPlanEntry): string => {
  if (source?.kind === 'blob')
    return readFileSync(source.path).toString('latin1', source.offset, source.offset + source.size);
  return source?.kind === 'bytes' ? Buffer.from(source.data).toString('latin1') : '';
};
const lines = (entries: LayerPlanEntry[]): string[] =>
  entries.map(
    (entry) =>
      `${entry.type} ${entry.path}${entry.linkname === undefined ? '' : ` > ${entry.linkname}`}${entry.source ? ` = ${text(entry)}` : ''}`,
  );
const link = (name: string, linkname: string): FixtureMember => ({ name, type: 'symlink', linkname });
const hard = (name: string, linkname: string): FixtureMember => ({ name, type: 'hardlink', linkname });
const f = (name: string, data = 'x'): FixtureMember => ({ name, data });

describe('unpacks', () => {
  test.each<[string, FixtureMember[], Record<string, MemoryNode>, string[]]>([
    [
      'files and folders, parents first',
      [f('b'), f('a/z', 'Z'), { name: 'a/' }],
      {},
      ['dir a', 'file a/z = Z', 'file b = x'],
    ],
    ['folders that it leaves out', [f('p/q/r')], {}, ['dir p', 'dir p/q', 'file p/q/r = x']],
    ['nothing about folders of the base', [f('etc/a')], { 'etc/b': '' }, ['file etc/a = x']],
    ['metadata of folders of the base', [{ name: 'etc/' }], { 'etc/b': '' }, ['dir etc']],
    ['nothing about the destination itself', [{ name: './' }, f('./a')], {}, ['file a = x']],
    ['the later of two entries', [f('a', '1'), f('a', '2')], {}, ['file a = 2']],
    [
      'devices and pipes',
      [
        { name: 'c', type: 'char', device: [1, 3] },
        { name: 'p', type: 'fifo' },
      ],
      {},
      ['char c', 'fifo p'],
    ],
    ['over a file', [f('a')], { a: 'old' }, ['file a = x']],
    ['a file in place of a folder', [f('d')], { 'd/x': '' }, ['file d = x']],
    [
      'a folder in place of a file',
      [f('a/x'), { name: 'a/' }].reverse(),
      { a: '' },
      ['dir a', 'file a/x = x'],
    ],
    [
      'a folder in place of a link',
      [{ name: 'lib/' }, f('lib/x')],
      { lib: { symlink: 'usr/lib' }, 'usr/lib/y': '' },
      ['dir lib', 'file lib/x = x'],
    ],
    [
      'a file, then a folder in place of a folder',
      [f('d'), { name: 'd/' }, f('d/n')],
      { 'd/x/y': '' },
      ['dir d', 'opaque d', 'file d/n = x'],
    ],
    [
      'names that begin with dots',
      [f('...'), f('..a/.b')],
      {},
      ['file ... = x', 'dir ..a', 'file ..a/.b = x'],
    ],
  ])('%s', async (_, members, base, expected) => expect(lines(await plan(members, base))).toEqual(expected));
});

describe('follows links as in a chroot at the destination', () => {
  test.each<[string, FixtureMember[], Record<string, MemoryNode>, string, string[]]>([
    [
      'absolute',
      [link('l', '/tmp/c'), f('l/pwn')],
      {},
      '/',
      ['symlink l > /tmp/c', 'dir tmp', 'dir tmp/c', 'file tmp/c/pwn = x'],
    ],
    [
      'absolute, below the destination',
      [link('l', '/etc'), f('l/pwn')],
      { 'etc/passwd': '' },
      '/srv',
      ['dir srv', 'dir srv/etc', 'file srv/etc/pwn = x', 'symlink srv/l > /etc'],
    ],
    [
      'upwards',
      [link('l', '..'), f('l/l/pwn')],
      {},
      '/srv',
      ['dir srv', 'symlink srv/l > ..', 'file srv/pwn = x'],
    ],
    [
      'far upwards',
      [link('l', '../'.repeat(20)), f('l/etc/pwn')],
      { 'etc/x': '' },
      '/',
      ['file etc/pwn = x', `symlink l > ${'../'.repeat(20)}`],
    ],
    ['of the base', [f('l/x')], { l: { symlink: 'd' }, 'd/y': '' }, '/', ['file d/x = x']],
    [
      'of the base, out of the destination',
      [f('l/x')],
      { 'srv/l': { symlink: '/etc' }, 'etc/y': '' },
      '/srv',
      ['dir srv/etc', 'file srv/etc/x = x'],
    ],
    ['links are replaced, not followed', [f('l')], { l: { symlink: '/etc/passwd' } }, '/', ['file l = x']],
    [
      'a folder that becomes a link',
      [{ name: 'foo/' }, link('foo', '/'), f('foo/tmp/x'), { name: 'foo/' }],
      {},
      '/',
      ['dir foo', 'dir tmp', 'file tmp/x = x'],
    ],
    [
      'a folder that was plain',
      [link('l', '/'), f('x/y/a'), link('l/x', '/e'), f('x/y/b')],
      {},
      '/',
      ['dir e', 'dir e/y', 'file e/y/b = x', 'symlink l > /', 'symlink x > /e'],
    ],
    ['the destination itself', [f('x')], { l: { symlink: 'd' }, 'd/y': '' }, '/l', ['file d/x = x']],
    ['a destination that is not there', [f('x')], {}, '/a/b', ['dir a', 'dir a/b', 'file a/b/x = x']],
    [
      'hard link through a link',
      [link('l', '/d'), f('d/a', 'A'), hard('b', 'l/a')],
      {},
      '/',
      ['file b = A', 'dir d', 'hardlink d/a > b', 'symlink l > /d'],
    ],
    [
      'hard link to a link',
      [link('l', '/etc/passwd'), hard('h', 'l')],
      {},
      '/',
      ['symlink h > /etc/passwd', 'hardlink l > h'],
    ],
  ])('%s', async (_, members, base, destination, expected) => {
    expect(lines(await plan(members, base, { destination })).sort()).toEqual([...expected].sort());
  });
});

describe('hard links', () => {
  test('stay one file, whatever happens to the first name', async () => {
    expect(lines(await plan([f('b', '1'), hard('a', 'b'), hard('c', 'a'), f('b', '2')]))).toEqual([
      'file a = 1',
      'file b = 2',
      'hardlink c > a',
    ]);
  });
  test('to a file of the base take its content along', async () => {
    expect(lines(await plan([hard('new', 'etc/passwd')], { 'etc/passwd': 'root' }))).toEqual([
      'file new = root',
    ]);
  });
  test.each<[string, FixtureMember[], Record<string, MemoryNode>]>([
    ['nothing', [hard('a', 'b')], {}],
    ['a folder', [{ name: 'd/' }, hard('a', 'd')], {}],
    ['a folder of the base', [hard('a', 'd')], { 'd/x': '' }],
    ['what the archive has replaced', [f('d'), hard('a', 'd/x')], { 'd/x': '' }],
  ])('to %s are refused', async (_, members, base) => {
    await expect(plan(members, base)).rejects.toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/LAYER_B/) as string }),
    );
  });
});

describe('refuses', () => {
  test.each<[string, FixtureMember[], Record<string, MemoryNode>, string, string]>([
    ['names that escape', [f('../x')], {}, '/', 'LAYER_PATH_ESCAPE'],
    ['hard links that escape', [hard('a', '../../etc/passwd')], {}, '/', 'LAYER_PATH_ESCAPE'],
    ['a destination that is a file', [f('x')], { d: '' }, '/d', 'COPY_DESTINATION_NOT_DIRECTORY'],
    ['entries below a file of the base', [f('d/x')], { d: '' }, '/', 'LAYER_BAD_PATH'],
    ['entries below a file of its own', [f('d'), f('d/x')], {}, '/', 'LAYER_BAD_PATH'],
    ['links in a circle', [link('a', 'b'), link('b', 'a'), f('a/x')], {}, '/', 'SYMLINK_LOOP'],
  ])('%s', async (_, members, base, destination, code) => {
    await expect(plan(members, base, { destination })).rejects.toThrowError(
      expect.objectContaining({ code }),
    );
  });
  test('whiteout names, when the layer is written', async () => {
    const entries = await plan([f('a/.wh.b')]);
    expect(() => writeLayerJob({ entries, path: join(dir, 'layer') }, running)).toThrowError(
      expect.objectContaining({ code: 'LAYER_RESERVED_NAME' }),
    );
  });
});

test('metadata is the archive\u2019s; --chown is stronger; made folders carry the time of the build', async () => {
  const members = [
    {
      name: 'p/a',
      data: 'x',
      mode: 0o4711,
      uid: 7,
      gid: 8,
      mtime: 99,
      xattrs: { 'security.capability': '\x01' },
    },
  ];
  const [destination, parent, file] = await plan(members, {}, { destination: '/d' });
  expect(destination).toMatchObject({ path: 'd', mode: 0o755, uid: 0, gid: 0, mtime: 42 });
  expect(parent).toMatchObject({ path: 'd/p', mode: 0o755, uid: 0, mtime: 42 });
  expect(file).toMatchObject({
    path: 'd/p/a',
    mode: 0o4711,
    uid: 7,
    gid: 8,
    mtime: 99,
    xattrs: { 'security.capability': '\x01' },
  });
  const owned = await plan(members, {}, { destination: '/d', owner: { uid: 5, gid: 6 } });
  expect(owned.map(({ path, uid, gid }) => [path, uid, gid])).toEqual([
    ['d', 5, 6],
    ['d/p', 0, 0],
    ['d/p/a', 5, 6],
  ]);
});

test('a base that is a view of layers, and 20,000 files, take little time', async () => {
  const toc = Array.from({ length: 20_000 }, (_, i) => ({
    path: `usr/p${i % 200}/f${i}`,
    type: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: 0,
    offset: 512,
    digest: '',
  }));
  const base = mergedView([{ diffId: `sha256:${'0'.repeat(64)}`, toc, blobPath: '/x' }], 'base');
  const started = performance.now();
  expect(planUnpack({ entries: toc, tarPath, base, destination: '/', createdAt: 0 })).toHaveLength(20_000);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('the workers probe and expand what the build context holds', async () => {
  const pool = createWorkerPool(1);
  try {
    const path = join(dir, 'a.tgz');
    writeFileSync(path, gzipSync(tarOf(f('hello', 'world'))));
    const { dev, ino, size, mtimeMs, ctimeMs } = lstatSync(path);
    const source = { kind: 'host', path, stamp: { dev, ino, size, mtimeMs, ctimeMs } } as const;
    expect(await probeArchive(pool, source)).toBe(true);
    expect(await probeArchive(pool, { kind: 'bytes', data: Buffer.from('no archive') })).toBe(false);
    const entries = await expandArchive(pool, { source, tarPath });
    expect(entries).toMatchObject([{ path: 'hello', size: 5 }]);
    expect(
      text({ ...entries[0]!, source: { kind: 'blob', path: tarPath, offset: entries[0]!.offset!, size: 5 } }),
    ).toBe('world');
    const changed = { ...source, stamp: { ...source.stamp, size: size + 1 } };
    const failure = expect.objectContaining({ code: 'CONTEXT_FILE_CHANGED' });
    await expect(probeArchive(pool, changed)).rejects.toThrowError(failure);
    await expect(expandArchive(pool, { source: changed, tarPath })).rejects.toThrowError(failure);
    const bomb = expandArchive(pool, { source, tarPath, maxBytes: 100 });
    await expect(bomb).rejects.toThrowError(expect.objectContaining({ code: 'LAYER_TOO_LARGE' }));
  } finally {
    await pool.close();
  }
});

test('what GNU tar unpacks is what the layer holds', async () => {
  const members = [
    { name: 'd/', mode: 0o750 },
    f('d/a', 'A'),
    hard('d/b', 'd/a'),
    link('d/l', 'a'),
    f('top', 'T'),
  ];
  const entries = await plan(members);
  writeLayerJob({ entries, path: join(dir, 'layer.tar') }, running);
  for (const [name, archive] of [
    ['theirs', 'source.tar'],
    ['ours', 'layer.tar'],
  ] as const) {
    if (name === 'theirs') writeFileSync(join(dir, archive), tarOf(...members));
    execFileSync('mkdir', [join(dir, name)]);
    execFileSync('tar', ['-C', join(dir, name), '-pxf', join(dir, archive)]);
  }
  const list = (name: string): string =>
    execFileSync('find', ['.', '-printf', '%p %y %m %l %n %T@\n'], {
      cwd: join(dir, name),
      encoding: 'utf8',
    });
  const sorted = (name: string): string[] =>
    list(name)
      .split('\n')
      .filter((line) => !line.startsWith('. '))
      .sort();
  expect(sorted('ours')).toEqual(sorted('theirs'));
  expect(existsSync(join(dir, 'ours/d/b'))).toBe(true);
});
