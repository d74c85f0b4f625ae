import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobContext } from '../base/worker-job.ts';
import { contextTree } from './context-tree.ts';
import { parseIgnoreFile } from './dockerignore.ts';
import { directPool, testFolder } from './test-context.ts';
import { walkJob, type WalkOutput } from './walk.ts';

const job: JobContext = { cancelled: () => false, progress: () => undefined };

function walk(root: string, ignore = ''): WalkOutput & { paths: string[] } {
  const output = walkJob({ root, ignore: parseIgnoreFile(ignore, '.dockerignore') }, job);
  const tree = contextTree(output.columns, { root, pool: directPool() });
  const paths: string[] = [];
  const visit = (path: string): void => {
    for (const entry of tree.children(path)) {
      expect(tree.get(entry.path)).toBe(entry);
      paths.push(
        entry.type === 'symlink'
          ? `${entry.path} -> ${entry.linkname}`
          : entry.path + (entry.type === 'dir' ? '/' : ''),
      );
      if (entry.type === 'dir') visit(entry.path);
    }
  };
  visit('');
  return { ...output, paths };
}

describe('what is in the answer', () => {
  test('everything, sorted by name in each directory', () => {
    using folder = testFolder({ 'b/z': '1', 'b/a/x': '22', 'a-b': '', a: '333', '.hidden': '', 'b.c/y': '' });
    const { paths, files, bytes } = walk(folder.root);
    expect(paths).toEqual(['.hidden', 'a', 'a-b', 'b/', 'b/a/', 'b/a/x', 'b/z', 'b.c/', 'b.c/y']);
    expect([files, bytes]).toEqual([6, 6]);
  });

  test('an empty folder', () => {
    using folder = testFolder();
    expect(walk(folder.root).paths).toEqual([]);
  });

  test('metadata: owner 0, whole seconds, all mode bits', () => {
    using folder = testFolder({ 'd/tool': 'x' });
    chmodSync(join(folder.root, 'd/tool'), 0o4755);
    chmodSync(join(folder.root, 'd'), 0o1777);
    utimesSync(join(folder.root, 'd/tool'), 12.9, 12.9);
    const { columns } = walk(folder.root);
    const tree = contextTree(columns, { root: folder.root, pool: directPool() });
    expect(tree.get('d/tool')).toMatchObject({
      type: 'file',
      mode: 0o4755,
      uid: 0,
      gid: 0,
      size: 1,
      mtime: 12,
    });
    expect(tree.get('d')).toMatchObject({ type: 'dir', mode: 0o1777, size: 0 });
    expect(tree.get('')).toMatchObject({ path: '', type: 'dir' });
    expect(['x', 'd/x', 'd/tool/x', 'd/', '/d', 'd//tool'].map((path) => tree.get(path))).toEqual(
      Array(6).fill(undefined),
    );
    expect(tree.children('d/tool')).toEqual([]);
  });

  test('links as they are written, also out of the folder, in circles and to nothing', () => {
    using folder = testFolder({
      out: '-> /etc/shadow',
      up: '-> ../../..',
      self: '-> self',
      'd/loop': '-> ../d',
      gone: '-> nowhere',
    });
    expect(walk(folder.root).paths).toEqual([
      'd/',
      'd/loop -> ../d',
      'gone -> nowhere',
      'out -> /etc/shadow',
      'self -> self',
      'up -> ../../..',
    ]);
  });

  test('hard links have one inode, other files none', () => {
    using folder = testFolder({ a: 'x', other: 'x' });
    linkSync(join(folder.root, 'a'), join(folder.root, 'b'));
    const tree = contextTree(walk(folder.root).columns, { root: folder.root, pool: directPool() });
    const { dev, ino } = lstatSync(join(folder.root, 'a'));
    expect(['a', 'b', 'other'].map((path) => tree.get(path)?.inode)).toEqual([
      `${dev}:${ino}`,
      `${dev}:${ino}`,
      undefined,
    ]);
  });

  test('names of every kind, byte for byte', async () => {
    using folder = testFolder();
    const names = [
      'a\nb',
      'tab\t',
      '"q"',
      '-rf',
      '.x',
      ' ',
      'trailing ',
      '😀',
      'e\u0301',
      '\u00e9',
      '\u202e',
      '\ufffd',
      'x'.repeat(255),
      'A',
      'a',
    ];
    for (const name of names) writeFileSync(join(folder.root, name), name);
    const bytes = [
      Buffer.from([0x63, 0x61, 0x66, 0xe9]),
      Buffer.from([0xff]),
      Buffer.from([0xed, 0xa0, 0x80]),
    ];
    for (const name of bytes) writeFileSync(Buffer.concat([Buffer.from(`${folder.root}/`), name]), 'raw');
    const inner = Buffer.concat([Buffer.from(`${folder.root}/`), Buffer.from([0xfe, 0x2f])]);
    mkdirSync(inner);
    writeFileSync(Buffer.concat([inner, Buffer.from('plain é')]), 'inner');
    symlinkSync(Buffer.from([0x74, 0xe9]), Buffer.concat([inner, Buffer.from('link')]));

    const output = walk(folder.root);
    const raw = ['caf\udce9', '\udcff', '\udced\udca0\udc80'];
    expect(new Set(output.paths)).toEqual(
      new Set([...names, ...raw, '\udcfe/', '\udcfe/plain é', '\udcfe/link -> t\udce9']),
    );
    const tree = contextTree(output.columns, { root: folder.root, pool: directPool() });
    const files = ['caf\udce9', '\udcfe/plain é', '😀'].map((path) => tree.get(path)!);
    expect(await tree.digests(files)).toEqual(['raw', 'inner', '😀'].map(sha256));
  });

  test('sockets, pipes and devices are left out and named, and never opened', async () => {
    using folder = testFolder({ 'd/file': 'x' });
    execFileSync('mkfifo', [join(folder.root, 'd/pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder.root, 'd/socket'), resolve));
    try {
      const { paths, special } = walk(folder.root);
      expect(paths).toEqual(['d/', 'd/file']);
      expect(special).toEqual({ paths: ['d/pipe', 'd/socket'], count: 2 });
      expect(walk(folder.root, 'd/pipe\nd/s*').special.count).toBe(0);
    } finally {
      server.close();
    }
  });
});

describe('ignoring', () => {
  const project = {
    'src/a.ts': '',
    'src/a.log': '',
    'node_modules/x/index.js': '',
    'node_modules/x/README.md': '',
    'docs/a': '',
    README: '',
  };

  test.each([
    [
      '',
      [
        'README',
        'docs/',
        'docs/a',
        'node_modules/',
        'node_modules/x/',
        'node_modules/x/README.md',
        'node_modules/x/index.js',
        'src/',
        'src/a.log',
        'src/a.ts',
      ],
    ],
    ['*', []],
    ['node_modules\ndocs\n**/*.log', ['README', 'src/', 'src/a.ts']],
    ['docs/*\nnode_modules/*', ['README', 'docs/', 'node_modules/', 'src/', 'src/a.log', 'src/a.ts']],
    ['*\n!src/*.ts', ['src/', 'src/a.ts']],
    ['*\n!src\nsrc/*.log', ['src/', 'src/a.ts']],
    ['*\n!**/README.md', ['node_modules/', 'node_modules/x/', 'node_modules/x/README.md']],
    ['*\n!nothing/here', []],
  ])('%j', (ignore, expected) => {
    using folder = testFolder(project);
    expect(walk(folder.root, ignore).paths).toEqual(expected);
  });

  test('an ignored directory is not even listed', ({ skip }) => {
    using folder = testFolder({ 'node_modules/a': '', 'src/a': '' });
    const listedAt = (path: string): number => statSync(join(folder.root, path)).atimeMs;
    // Older than the last change, so that the kernel notes the next listing also under relatime.
    for (const path of ['node_modules', 'src']) utimesSync(join(folder.root, path), 1_000, 2_000);
    walk(folder.root, 'node_modules\n!src/x');
    if (listedAt('src') === 1_000_000) skip('the file system keeps no access times');
    expect(listedAt('node_modules')).toBe(1_000_000);
  });

  test('trouble in what is ignored does not matter', () => {
    expect(walk('/proc/self', '*\n!status\n!task/none').paths).toEqual(['status']);
  });

  test.skipIf(process.getuid?.() === 0)(
    'a directory nobody may read is an error that names it, unless it is ignored (not as root, who may read all)',
    () => {
      using folder = testFolder({ 'closed/a': '', b: '' });
      chmodSync(join(folder.root, 'closed'), 0);
      expect(walk(folder.root, 'closed').paths).toEqual(['b']);
      expect(() => walk(folder.root)).toThrow(
        expect.objectContaining({ code: 'CONTEXT_UNREADABLE', message: expect.stringContaining('"closed"') }),
      );
      chmodSync(join(folder.root, 'closed'), 0o700);
    },
  );

  test('a directory that cannot be listed is an error that names it', () => {
    using folder = testFolder();
    const half = `${'x'.repeat(250)}/`.repeat(10);
    for (const name of ['a', 'b']) mkdirSync(join(folder.root, name, half), { recursive: true });
    renameSync(join(folder.root, 'b'), join(folder.root, 'a', half, 'b'));
    try {
      expect(() => walk(folder.root)).toThrow(
        expect.objectContaining({
          code: 'CONTEXT_UNREADABLE',
          message: expect.stringContaining('the path is too long'),
        }),
      );
      expect(walk(folder.root, 'a/x*').paths).toHaveLength(1);
    } finally {
      execFileSync('rm', ['-rf', folder.root]);
    }
  });
});

test('a thousand directories deep', () => {
  using folder = testFolder();
  mkdirSync(join(folder.root, 'd/'.repeat(1000)), { recursive: true });
  writeFileSync(join(folder.root, 'd/'.repeat(1000), 'f'), '');
  expect(walk(folder.root).paths.at(-1)).toBe(`${'d/'.repeat(1000)}f`);
});

test('what vanishes during the walk is not in the answer', () => {
  using folder = testFolder({ 'a/x': '', 'b/x': '', 'c/x': '' });
  let turns = 0;
  const meddling: JobContext = {
    cancelled() {
      if (++turns === 2) rmSync(join(folder.root, 'b'), { recursive: true });
      return false;
    },
    progress: () => undefined,
  };
  const { columns } = walkJob({ root: folder.root, ignore: [] }, meddling);
  const tree = contextTree(columns, { root: folder.root, pool: directPool() });
  expect(tree.children('').map((entry) => entry.path)).toEqual(['a', 'c']);
  expect(tree.children('c').map((entry) => entry.path)).toEqual(['c/x']);
});

test('stops when it is told to', () => {
  using folder = testFolder({ a: '' });
  expect(() => walkJob({ root: folder.root, ignore: [] }, { ...job, cancelled: () => true })).toThrow(
    expect.objectContaining({ code: 'CANCELLED' }),
  );
});

function sha256(text: string): string {
  return execFileSync('sha256sum', { input: text }).toString().slice(0, 64);
}
