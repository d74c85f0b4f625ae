import { describe, expect, test } from 'vitest';
import { listing, parseCopyLine, planLine, TEST_PLACE, TEST_TIME, type CopyCase } from './copy-for-tests.ts';
import { standsAlone } from './plan-copy.ts';

type Nodes = NonNullable<CopyCase['source']>;
type Row = readonly [line: string, expected: readonly string[]];

function table(name: string, nodes: { source?: Nodes; base?: Nodes }, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows.map(([line, expected]) => [line, expected] as const))('%s', async (line, expected) => {
      expect(listing(await planLine(line, nodes))).toEqual(expected);
    });
  });
}

const FILES: Nodes = {
  one: '1',
  two: { file: '22', mode: 0o755 },
  tool: { file: 'tool', mode: 0o4711 },
  link: { symlink: 'one' },
  dir: { dir: true, mode: 0o700, uid: 9, gid: 9 },
  'dir/a': { file: 'a', mode: 0o640, uid: 5, gid: 6 },
  'dir/sub': { dir: true, mode: 0o2750, uid: 7, gid: 8 },
  'dir/sub/b': 'b',
  'dir/sub/gone': { symlink: '/etc/shadow' },
  empty: { dir: true, mode: 0o700 },
  devices: { dir: true },
  'devices/null': { char: [1, 3] },
  'devices/disk': { block: [8, 0] },
  'devices/pipe': { fifo: true },
};

const BASE: Nodes = {
  app: { dir: true, mode: 0o711, uid: 3, gid: 4 },
  'app/one': { file: 'old', mode: 0o600 },
  'app/dir/x': 'x',
  'app/sub': { dir: true, mode: 0o500, uid: 1, gid: 1, xattrs: { 'user.kept': 'yes' } },
  'app/to-one': { symlink: 'one' },
  file: 'file',
  'mnt/data': { dir: true },
  data: { symlink: '/mnt/data' },
  up: { symlink: '../../../mnt/data' },
  dangling: { symlink: 'mnt/new/place' },
  tofile: { symlink: 'file' },
  loop: { symlink: 'loop' },
  'etc/passwd': 'root:x:0:0:::\nweb:x:33:44:::\n',
  'etc/group': 'staff:x:50:\n',
};

const TREE = [
  'file 640 5:6 app/a',
  'dir 2750 7:8 app/sub',
  'file 644 0:0 app/sub/b',
  'symlink 777 0:0 app/sub/gone -> /etc/shadow',
];
const under = (folder: string): string[] => TREE.map((line) => line.replace(' app/', ` ${folder}/`));

table('a file, onto nothing', { source: FILES }, [
  ['COPY one /', ['file 644 0:0 one']],
  ['COPY one /x', ['file 644 0:0 x']],
  ['COPY one /x/', ['dir 755 0:0 x', 'file 644 0:0 x/one']],
  ['COPY one /x/.', ['dir 755 0:0 x', 'file 644 0:0 x/one']],
  ['COPY one /x/y/z', ['dir 755 0:0 x', 'dir 755 0:0 x/y', 'file 644 0:0 x/y/z']],
  ['COPY two /x', ['file 755 0:0 x']],
  ['COPY tool /x', ['file 4711 0:0 x']],
  ['COPY link /x/', ['dir 755 0:0 x', 'file 644 0:0 x/link']],
  ['COPY dir/a /x', ['file 640 5:6 x']],
  ['COPY one /x/../../y', ['file 644 0:0 y']],
  ['COPY devices/null /null', ['char 644 0:0 null 1,3']],
  ['COPY nothing* /x/', []],
]);

table('a file, onto what is there', { source: FILES, base: BASE }, [
  ['COPY one /app', ['file 644 0:0 app/one']],
  ['COPY one /app/', ['file 644 0:0 app/one']],
  ['COPY two /app/', ['file 755 0:0 app/two']],
  ['COPY two /app/one', ['file 755 0:0 app/one']],
  ['COPY one /file', ['file 644 0:0 file']],
  ['COPY one /app/new/', ['dir 755 0:0 app/new', 'file 644 0:0 app/new/one']],
]);

table('links in the destination', { source: FILES, base: BASE }, [
  ['COPY one /data', ['file 644 0:0 mnt/data/one']],
  ['COPY one /data/', ['file 644 0:0 mnt/data/one']],
  ['COPY one /data/x', ['file 644 0:0 mnt/data/x']],
  ['COPY one /up/x', ['file 644 0:0 mnt/data/x']],
  ['COPY one /data/x/y', ['dir 755 0:0 mnt/data/x', 'file 644 0:0 mnt/data/x/y']],
  ['COPY dir /data', under('mnt/data')],
  ['COPY one /tofile', ['file 644 0:0 file']],
  // A link that leads nowhere says where the file is made.
  ['COPY one /dangling', ['dir 755 0:0 mnt/new', 'file 644 0:0 mnt/new/place']],
  [
    'COPY one /dangling/',
    ['dir 755 0:0 mnt/new', 'dir 755 0:0 mnt/new/place', 'file 644 0:0 mnt/new/place/one'],
  ],
  [
    'COPY one /dangling/x',
    ['dir 755 0:0 mnt/new', 'dir 755 0:0 mnt/new/place', 'file 644 0:0 mnt/new/place/x'],
  ],
  ['COPY empty /dangling', ['dir 755 0:0 mnt/new', 'dir 755 0:0 mnt/new/place']],
  // Named itself, a link in a folder is replaced; named as the destination, it is followed.
  ['COPY one /app/to-one', ['file 644 0:0 app/one']],
]);

table(
  'links in the destination that a copied name meets',
  { source: { 'to-one': 'new', 'd/to-one': 'new' }, base: BASE },
  [
    ['COPY to-one /app/', ['file 644 0:0 app/to-one']],
    ['COPY to-one /app', ['file 644 0:0 app/to-one']],
    ['COPY d /app', ['file 644 0:0 app/to-one']],
  ],
);

table('a folder', { source: FILES, base: BASE }, [
  // A new destination is 0755 of root, whatever the folder is.
  ['COPY dir /new', ['dir 755 0:0 new', ...under('new')]],
  ['COPY dir/ /new/', ['dir 755 0:0 new', ...under('new')]],
  ['COPY dir /new/deep', ['dir 755 0:0 new', 'dir 755 0:0 new/deep', ...under('new/deep')]],
  // One that exists is left as it is; folders below are overwritten and keep attributes that are not.
  ['COPY dir /app', TREE],
  ['COPY dir/sub /', ['file 644 0:0 b', 'symlink 777 0:0 gone -> /etc/shadow']],
  ['COPY empty /new', ['dir 755 0:0 new']],
  ['COPY empty /app', []],
  ['COPY empty /', []],
  [
    'COPY devices /dev/',
    ['dir 755 0:0 dev', 'block 644 0:0 dev/disk 8,0', 'char 644 0:0 dev/null 1,3', 'fifo 644 0:0 dev/pipe'],
  ],
]);

table('several sources', { source: FILES, base: BASE }, [
  ['COPY one two /new/', ['dir 755 0:0 new', 'file 644 0:0 new/one', 'file 755 0:0 new/two']],
  ['COPY one two /app', ['file 644 0:0 app/one', 'file 755 0:0 app/two']],
  ['COPY one dir /new/', ['dir 755 0:0 new', 'file 644 0:0 new/one', ...under('new')]],
  ['COPY dir one /new', ['dir 755 0:0 new', ...under('new'), 'file 644 0:0 new/one']],
  ['COPY dir empty /new', ['dir 755 0:0 new', ...under('new')]],
  ['COPY on* /new', ['file 644 0:0 new']],
  ['COPY one one /new/', ['dir 755 0:0 new', 'file 644 0:0 new/one']],
]);

table(
  'the last source wins',
  {
    source: {
      'x/f': { file: '1', mode: 0o600 },
      'x/d': { dir: true, mode: 0o700 },
      'x/d/in': 'in',
      'x/l': { symlink: 'one' },
      'y/f': { file: '2', mode: 0o444 },
      'y/d': { dir: true, mode: 0o555 },
      'y/l': 'no link',
    },
  },
  [
    ['COPY x y /', ['dir 555 0:0 d', 'file 644 0:0 d/in', 'file 444 0:0 f', 'file 644 0:0 l']],
    ['COPY y x /', ['dir 700 0:0 d', 'file 600 0:0 f', 'symlink 777 0:0 l -> one', 'file 644 0:0 d/in']],
    ['COPY x y/f /', ['dir 700 0:0 d', 'file 644 0:0 d/in', 'file 444 0:0 f', 'symlink 777 0:0 l -> one']],
  ],
);

table('--chown', { source: FILES, base: BASE }, [
  ['COPY --chown=1:2 one /x', ['file 644 1:2 x']],
  ['COPY --chown=5 one /x', ['file 644 5:5 x']],
  ['COPY --chown=web one /x', ['file 644 33:44 x']],
  ['COPY --chown=web:staff one /x', ['file 644 33:50 x']],
  ['COPY --chown=0:0 dir/a /x', ['file 640 0:0 x']],
  [
    'COPY --chown=1:2 one /new/deep/',
    ['dir 755 1:2 new', 'dir 755 1:2 new/deep', 'file 644 1:2 new/deep/one'],
  ],
  [
    'COPY --chown=1:2 dir /new',
    [
      'dir 755 1:2 new',
      'file 640 1:2 new/a',
      'dir 2750 1:2 new/sub',
      'file 644 1:2 new/sub/b',
      'symlink 777 1:2 new/sub/gone -> /etc/shadow',
    ],
  ],
  ['COPY --chown=1:2 tool /app/', ['file 4711 1:2 app/tool']],
]);

table('--chmod', { source: FILES, base: BASE }, [
  ['COPY --chmod=600 two /x', ['file 600 0:0 x']],
  ['COPY --chmod=755 tool /x', ['file 755 0:0 x']],
  ['COPY --chmod=4755 one /x', ['file 4755 0:0 x']],
  // Octal goes for folders made on the way too, links have no mode of their own.
  [
    'COPY --chmod=700 one /new/deep/',
    ['dir 700 0:0 new', 'dir 700 0:0 new/deep', 'file 700 0:0 new/deep/one'],
  ],
  [
    'COPY --chmod=770 dir /new',
    [
      'dir 770 0:0 new',
      'file 770 5:6 new/a',
      'dir 770 7:8 new/sub',
      'file 770 0:0 new/sub/b',
      'symlink 777 0:0 new/sub/gone -> /etc/shadow',
    ],
  ],
  [
    'COPY --chmod=u=rwX,go=rX dir /new',
    [
      'dir 755 0:0 new',
      'file 644 5:6 new/a',
      'dir 755 7:8 new/sub',
      'file 644 0:0 new/sub/b',
      'symlink 777 0:0 new/sub/gone -> /etc/shadow',
    ],
  ],
  [
    'COPY --chmod=+x one /new/deep/',
    ['dir 755 0:0 new', 'dir 755 0:0 new/deep', 'file 755 0:0 new/deep/one'],
  ],
  ['COPY --chmod=700 --chown=1 empty /app', []],
]);

table('--link', { source: FILES, base: BASE }, [
  ['COPY --link one /app/', ['dir 755 0:0 app', 'file 644 0:0 app/one']],
  ['COPY --link one /app', ['file 644 0:0 app']],
  ['COPY --link one /data/x', ['dir 755 0:0 data', 'file 644 0:0 data/x']],
  ['COPY --link one /loop/x', ['dir 755 0:0 loop', 'file 644 0:0 loop/x']],
  ['COPY --link one /file/x', ['dir 755 0:0 file', 'file 644 0:0 file/x']],
  ['COPY --link dir /app', ['dir 755 0:0 app', ...TREE]],
  ['COPY --link one /', ['file 644 0:0 one']],
  ['COPY --link --chown=1:2 one /app/', ['dir 755 1:2 app', 'file 644 1:2 app/one']],
  // With these it is COPY without --link.
  ['COPY --link --chmod=600 one /data/x', ['file 600 0:0 mnt/data/x']],
  ['COPY --link --chown=web one /data/x', ['file 644 33:44 mnt/data/x']],
]);

table(
  '--parents',
  {
    source: {
      a: { dir: true, mode: 0o750, uid: 1, gid: 1 },
      'a/b': { dir: true, mode: 0o711, uid: 2, gid: 2 },
      'a/b/c': 'c',
      'a/b/d': { dir: true, mode: 0o700 },
      'a/other': 'o',
    },
    base: {
      'app/a': { dir: true, mode: 0o500, uid: 8, gid: 8 },
      'app/a/b': { dir: true, mode: 0o711, uid: 8, gid: 8 },
    },
  },
  [
    [
      'COPY --parents a/b/c /new',
      ['dir 755 0:0 new', 'dir 750 1:1 new/a', 'dir 711 2:2 new/a/b', 'file 644 0:0 new/a/b/c'],
    ],
    ['COPY --parents a/b/c /', ['dir 750 1:1 a', 'dir 711 2:2 a/b', 'file 644 0:0 a/b/c']],
    ['COPY --parents a/./b/c /x/', ['dir 755 0:0 x', 'dir 711 2:2 x/b', 'file 644 0:0 x/b/c']],
    // A folder on the way that exists keeps its owner and takes the mode.
    ['COPY --parents a/b/c /app', ['dir 750 8:8 app/a', 'file 644 0:0 app/a/b/c']],
    ['COPY --parents a/b/d /app', ['dir 750 8:8 app/a', 'dir 700 0:0 app/a/b/d']],
    [
      'COPY --parents --chown=5:5 a/b/d /y',
      ['dir 755 5:5 y', 'dir 750 5:5 y/a', 'dir 711 5:5 y/a/b', 'dir 700 5:5 y/a/b/d'],
    ],
    [
      'COPY --parents a/b/c a/other /',
      ['dir 750 1:1 a', 'dir 711 2:2 a/b', 'file 644 0:0 a/b/c', 'file 644 0:0 a/other'],
    ],
  ],
);

table(
  'hard links',
  {
    source: {
      'x/one': { file: 'same', mode: 0o755 },
      'x/sub/two': { hardlink: 'x/one' },
      'x/three': { hardlink: 'x/one' },
      'x/apart': 'same',
      'y/one': 'other',
      outside: { hardlink: 'x/one' },
    },
    base: { 'd/other': 'o' },
  },
  [
    [
      'COPY x /d',
      [
        'file 644 0:0 d/apart',
        'file 755 0:0 d/one',
        'dir 755 0:0 d/sub',
        'hardlink 755 0:0 d/sub/two -> d/one',
        'hardlink 755 0:0 d/three -> d/one',
      ],
    ],
    [
      'COPY --chown=1:2 --chmod=600 x/ /d/',
      [
        'file 600 1:2 d/apart',
        'file 600 1:2 d/one',
        'dir 600 1:2 d/sub',
        'hardlink 600 1:2 d/sub/two -> d/one',
        'hardlink 600 1:2 d/three -> d/one',
      ],
    ],
    // What replaces the first name does not change the others.
    [
      'COPY x y /d',
      [
        'file 644 0:0 d/apart',
        'file 644 0:0 d/one',
        'dir 755 0:0 d/sub',
        'file 755 0:0 d/sub/two',
        'hardlink 755 0:0 d/three -> d/sub/two',
      ],
    ],
    [
      'COPY --exclude=one x /d',
      [
        'file 644 0:0 d/apart',
        'dir 755 0:0 d/sub',
        'file 755 0:0 d/sub/two',
        'hardlink 755 0:0 d/three -> d/sub/two',
      ],
    ],
    // Sources of their own make files of their own.
    ['COPY x/one outside /d/', ['file 755 0:0 d/one', 'file 755 0:0 d/outside']],
  ],
);

test('a hard link has no bytes of its own', async () => {
  const source: Nodes = { 'x/a': { file: 'same', xattrs: { 'user.a': '1' } }, 'x/b': { hardlink: 'x/a' } };
  const [, second] = await planLine('COPY x /', { source });
  expect(second).toEqual({
    path: 'b',
    type: 'hardlink',
    linkname: 'a',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: 0,
    xattrs: { 'user.a': '1' },
  });
});

test('the order of names decides which one the others link to', async () => {
  const source: Nodes = { 'x/z': 'z', 'x/a': { hardlink: 'x/z' } };
  expect(listing(await planLine('COPY x /', { source }))).toEqual([
    'file 644 0:0 a',
    'hardlink 644 0:0 z -> a',
  ]);
});

describe('heredocs', () => {
  const inline = [{ name: 'EOF', text: 'hello\n' }];

  test.each<[string, readonly string[]]>([
    ['COPY /x', ['file 644 0:0 x']],
    ['COPY /x/', ['dir 755 0:0 x', 'file 644 0:0 x/EOF']],
    ['COPY /app', ['file 644 0:0 app/EOF']],
    ['COPY --chown=1:2 --chmod=755 /y/x', ['dir 755 1:2 y', 'file 755 1:2 y/x']],
    ['COPY --link /app/x', ['dir 755 0:0 app', 'file 644 0:0 app/x']],
    ['COPY one /z/', ['dir 755 0:0 z', 'file 644 0:0 z/one', 'file 644 0:0 z/EOF']],
  ])('%s', async (line, expected) => {
    expect(listing(await planLine(line, { source: FILES, base: BASE, inline }))).toEqual(expected);
  });

  test('hold the text, in UTF-8, at the time of the build', async () => {
    const [entry] = await planLine('COPY /x', { inline: [{ name: 'x', text: 'lö' }] });
    expect(entry).toEqual({
      path: 'x',
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: TEST_TIME,
      size: 3,
      digest: 'edd62526d8ad4425ed3e9ce4651535c086684c39b6d3a0481f5b20c1cb38fd5e',
      source: { kind: 'bytes', data: Buffer.from('lö') },
    });
  });

  test('keep the last element of their name', async () => {
    const plan = await planLine('COPY /x/', { inline: [{ name: '../../etc/passwd', text: '' }] });
    expect(listing(plan)).toEqual(['dir 755 0:0 x', 'file 644 0:0 x/passwd']);
  });

  test.each(['..', 'a/..', '.', '', 'x/'])('cannot be called "%s"', async (name) => {
    await expect(planLine('COPY /x/', { inline: [{ name, text: '' }] })).rejects.toMatchObject({
      code: 'COPY_BAD_HEREDOC_NAME',
    });
  });
});

test('times are those of the source; what is made on the way has the time of the build', async () => {
  const source: Nodes = {
    d: { dir: true, mtime: 1 },
    'd/f': { file: 'f', mtime: 2 },
    'd/s': { dir: true, mtime: 3 },
    'd/l': { symlink: 'f', mtime: 4 },
  };
  const plan = await planLine('COPY d /new', { source });
  expect(plan.map(({ path, mtime }) => [path, mtime])).toEqual([
    ['new', TEST_TIME],
    ['new/f', 2],
    ['new/l', 4],
    ['new/s', 3],
  ]);
});

test('files carry their bytes, digest and attributes', async () => {
  const xattrs = { 'security.capability': '\x01\x00' };
  const plan = await planLine('COPY f /g', { source: { f: { file: 'hello', xattrs } } });
  expect(plan).toEqual([
    {
      path: 'g',
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: 5,
      xattrs,
      digest: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      source: { kind: 'bytes', data: Buffer.from('hello') },
    },
  ]);
});

test('a folder that exists keeps attributes that the source does not have', async () => {
  const source: Nodes = { 'd/sub': { dir: true, xattrs: { 'user.new': '1' } } };
  const [sub] = await planLine('COPY d /app', { source, base: BASE });
  expect(sub!.xattrs).toEqual({ 'user.kept': 'yes', 'user.new': '1' });
});

describe('what cannot be copied', () => {
  const source: Nodes = {
    ...FILES,
    file: 'f',
    'over/sub': 'a file where the base has a folder',
    'linked/app': { symlink: 'x' },
    'into/file/x': 'a folder where the base has a file',
    'into2/data/x': 'a folder where the base has a link',
  };

  test.each<[string, string, string]>([
    ['COPY one /file/', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not a directory in stage "app"'],
    ['COPY one /file/x', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not'],
    ['COPY one /file/x/y', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not'],
    ['COPY one /tofile/', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not'],
    ['COPY dir /file', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not'],
    ['COPY dir /tofile', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not'],
    ['COPY into /', 'COPY_DESTINATION_NOT_DIRECTORY', '/file is not'],
    ['COPY into2 /', 'COPY_DESTINATION_NOT_DIRECTORY', '/data is not'],
    ['COPY one two /new', 'COPY_DESTINATION_NOT_DIRECTORY', 'Several files cannot all become /new'],
    ['COPY one one /new', 'COPY_DESTINATION_NOT_DIRECTORY', '/new'],
    ['COPY t* /new', 'COPY_DESTINATION_NOT_DIRECTORY', '/new'],
    ['COPY one dir /new', 'COPY_DESTINATION_NOT_DIRECTORY', '/new'],
    ['COPY --link one two /app', 'COPY_DESTINATION_NOT_DIRECTORY', '/app'],
    ['COPY over /app', 'COPY_DESTINATION_IS_DIRECTORY', '/app/sub is a directory'],
    [
      'COPY linked /',
      'COPY_DESTINATION_IS_DIRECTORY',
      '/app is a directory in stage "app" and cannot be replaced by a link',
    ],
    ['COPY one /loop', 'SYMLINK_LOOP', '/loop'],
    ['COPY one /loop/x', 'SYMLINK_LOOP', '/loop'],
    ['COPY --chmod=abc one /x', 'COPY_BAD_CHMOD', '"abc"'],
    ['COPY --chown=nobody one /x', 'COPY_UNKNOWN_USER', '"nobody"'],
    ['COPY dir over /app', 'COPY_DESTINATION_IS_DIRECTORY', '/app/sub'],
  ])('%s fails with %s', async (line, code, message) => {
    const failure = planLine(line, { source, base: BASE });
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    if (code !== 'COPY_UNKNOWN_USER') await expect(failure).rejects.toMatchObject(TEST_PLACE);
  });

  test('a folder over a file of an earlier source', async () => {
    const clash: Nodes = { 'x/n': 'n', 'y/n/z': 'z' };
    await expect(planLine('COPY x y /', { source: clash })).rejects.toMatchObject({
      code: 'COPY_DESTINATION_NOT_DIRECTORY',
    });
    await expect(planLine('COPY y x /', { source: clash })).rejects.toMatchObject({
      code: 'COPY_DESTINATION_IS_DIRECTORY',
    });
  });

  test('the hint for several files says what to write', async () => {
    await expect(planLine('COPY one two /new', { source })).rejects.toMatchObject({
      hint: expect.stringContaining('/new/'),
    });
  });
});

test.each<[string, boolean]>([
  ['COPY a /x', false],
  ['COPY --link a /x', true],
  ['COPY --link --chown=1:root a /x', true],
  ['COPY --link --chown=web a /x', false],
  ['COPY --link --chmod=755 a /x', false],
])('%s stands alone: %s', (line, alone) => {
  expect(standsAlone(parseCopyLine(line))).toBe(alone);
});

test('20,000 files are planned quickly', async () => {
  const source: Record<string, string> = {};
  for (let i = 0; i < 20_000; i++) source[`dir${i % 800}/file${i}`] = '';
  const before = performance.now();
  expect(await planLine('COPY . /app/', { source })).toHaveLength(20_801);
  expect(performance.now() - before).toBeLessThan(5_000);
});
