import { describe, expect, test, vi } from 'vitest';
import type { TreeEntry } from '../layer/file-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { listing, planLine, TEST_PLACE } from './copy-for-tests.ts';

const SOURCE = {
  'a.tar': 'an archive',
  'b.tar': 'another archive',
  'c.txt': 'text',
  'dir/inner.tar': 'an archive',
  link: { symlink: 'a.tar' },
};
const BASE = { app: { dir: true, mode: 0o700 }, data: { symlink: 'app' }, file: 'file' } as const;

const probe = async ({ path }: TreeEntry): Promise<'tar' | undefined> =>
  path.endsWith('.tar') ? 'tar' : undefined;

function at(destination: string, name: string): string {
  return destination === '' ? name : `${destination}/${name}`;
}

/** An archive of a folder, a file and a second name of it, owned by 8:9. */
async function unpack({ path }: TreeEntry, destination: string): Promise<LayerPlanEntry[]> {
  const metadata = { mode: 0o640, uid: 8, gid: 9, mtime: 1, size: 0 };
  const folder = at(destination, 'out');
  const first = at(folder, 'first');
  return [
    { ...metadata, path: folder, type: 'dir', mode: 0o750 },
    {
      ...metadata,
      path: first,
      type: 'file',
      size: path.length,
      digest: '00',
      source: { kind: 'bytes', data: Buffer.from(path) },
    },
    { ...metadata, path: at(folder, 'second'), type: 'hardlink', linkname: first },
  ];
}

const OUT = [
  'dir 750 8:9 app/out',
  'file 640 8:9 app/out/first',
  'hardlink 640 8:9 app/out/second -> app/out/first',
];
const INTO_NEW = ['dir 755 0:0 new', ...OUT.map((line) => line.replaceAll('app/', 'new/'))];

test.each<[string, readonly string[]]>([
  ['ADD a.tar /app', OUT],
  ['ADD a.tar /app/', OUT],
  ['ADD a.tar /data', OUT],
  ['ADD link /app', OUT],
  // The destination is a directory whatever it is called.
  ['ADD a.tar /new', INTO_NEW],
  ['ADD a.tar /', OUT.map((line) => line.replaceAll('app/', ''))],
  ['ADD --link a.tar /app', ['dir 755 0:0 app', ...OUT]],
  ['ADD c.txt /app', ['file 644 0:0 app/c.txt']],
  ['ADD c.txt /x', ['file 644 0:0 x']],
  ['ADD a.tar c.txt /app/', [...OUT, 'file 644 0:0 app/c.txt']],
  ['ADD c.txt a.tar /app/', ['file 644 0:0 app/c.txt', ...OUT]],
  ['ADD ?.tar /app/', OUT],
  // Inside a folder archives stay files.
  ['ADD dir /app', ['file 644 0:0 app/inner.tar']],
  ['ADD dir/inner.tar /app', OUT],
  ['ADD --unpack=false a.tar /app', ['file 644 0:0 app/a.tar']],
  ['ADD --unpack=true a.tar /app', OUT],
  ['ADD --unpack=true c.txt /app/', ['file 644 0:0 app/c.txt']],
  // --chown is for what was in the archive too, --chmod is not.
  [
    'ADD --chown=1:2 a.tar /new',
    [
      'dir 755 1:2 new',
      'dir 750 1:2 new/out',
      'file 640 1:2 new/out/first',
      'hardlink 640 1:2 new/out/second -> new/out/first',
    ],
  ],
  [
    'ADD --chmod=700 a.tar c.txt /new/',
    [INTO_NEW[0]!.replace('755', '700'), ...INTO_NEW.slice(1), 'file 700 0:0 new/c.txt'],
  ],
])('%s', async (line, expected) => {
  expect(listing(await planLine(line, { source: SOURCE, base: BASE, probe, unpack }))).toEqual(expected);
});

test('COPY never looks into files', async () => {
  const asked = vi.fn(probe);
  expect(listing(await planLine('COPY a.tar /x', { source: SOURCE, probe: asked, unpack }))).toEqual([
    'file 644 0:0 x',
  ]);
  await planLine('ADD --unpack=false a.tar /x', { source: SOURCE, probe: asked, unpack });
  await planLine('ADD dir /x', { source: SOURCE, probe: asked, unpack });
  expect(asked).not.toHaveBeenCalled();
});

test('an archive is unpacked onto what earlier sources put there', async () => {
  const seen: unknown[] = [];
  await planLine('ADD c.txt a.tar b.tar /new/', {
    source: SOURCE,
    base: BASE,
    probe,
    unpack: async (file, destination, onto) => {
      seen.push(
        file.path,
        destination,
        onto.get('new/c.txt')?.type,
        onto.get('new/out')?.type,
        onto.get('app')?.mode,
      );
      return unpack(file, destination);
    },
  });
  expect(seen).toEqual(['a.tar', 'new', 'file', undefined, 0o700, 'b.tar', 'new', 'file', 'dir', 0o700]);
});

describe('hard links of an archive', () => {
  const metadata = { mode: 0o640, uid: 8, gid: 9, mtime: 1, size: 0 };
  const source = { ...SOURCE, 'out/first': 'later' };
  const links: readonly LayerPlanEntry[] = [
    { ...metadata, path: 'first', type: 'file', source: { kind: 'bytes', data: Buffer.from('x') } },
    { ...metadata, path: 'second', type: 'hardlink', linkname: 'first' },
    { ...metadata, path: 'third', type: 'hardlink', linkname: 'second' },
  ];

  test('outlive the replacement of their first name', async () => {
    const plan = await planLine('ADD a.tar out/first /', { source, probe, unpack: async () => links });
    expect(listing(plan)).toEqual([
      'file 644 0:0 first',
      'file 640 8:9 second',
      'hardlink 640 8:9 third -> second',
    ]);
    expect(plan[1]).toMatchObject({ source: { kind: 'bytes', data: Buffer.from('x') } });
  });

  test('to something that is not there are a defect of the unpacker', async () => {
    const broken = planLine('ADD a.tar /', { source, probe, unpack: async () => links.slice(1) });
    await expect(broken).rejects.toThrow('not planned');
  });
});

describe('an archive that replaces a folder', () => {
  const metadata = { mode: 0o640, uid: 8, gid: 9, mtime: 1, size: 0 };
  const source = { ...SOURCE, 'new/lib/x': 'x', 'late/lib/y': 'y' };
  const base = { 'lib/old': 'old', 'lib/deep/old': 'old' };
  const file: LayerPlanEntry = {
    ...metadata,
    path: 'lib',
    type: 'file',
    source: { kind: 'bytes', data: Buffer.from('x') },
  };
  const folder: readonly LayerPlanEntry[] = [
    { ...metadata, path: 'lib', type: 'dir', mode: 0o700 },
    { ...metadata, path: 'lib', type: 'opaque', mode: 0o755 },
    { ...metadata, path: 'lib/own', type: 'symlink', linkname: 'x' },
  ];

  test('by a file takes what earlier sources put in it with it', async () => {
    const plan = await planLine('ADD new a.tar /', { source, base, probe, unpack: async () => [file] });
    expect(listing(plan)).toEqual(['file 640 8:9 lib']);
    const below = planLine('ADD a.tar late /', { source, base, probe, unpack: async () => [file] });
    await expect(below).rejects.toMatchObject({ code: 'COPY_DESTINATION_NOT_DIRECTORY' });
  });

  test('by a new one hides what the base has in it', async () => {
    const seen: unknown[] = [];
    const plan = await planLine('ADD new a.tar late b.tar /', {
      source,
      base,
      probe,
      unpack: async ({ path }, _destination, onto) => {
        if (path === 'a.tar') return folder;
        seen.push(
          ...['lib/old', 'lib/deep', 'lib/deep/old', 'lib/x', 'lib/own', 'lib/y'].map(
            (name) => onto.get(name)?.type,
          ),
        );
        return [];
      },
    });
    expect(listing(plan)).toEqual([
      'dir 755 0:0 lib',
      'opaque 644 0:0 lib',
      'symlink 640 8:9 lib/own -> x',
      'file 644 0:0 lib/y',
    ]);
    expect(seen).toEqual([undefined, undefined, undefined, undefined, 'symlink', 'file']);
  });
});

test('the unpacker can read what is planned and what the base has', async () => {
  const read: unknown[] = [];
  await planLine('ADD c.txt a.tar /', {
    source: SOURCE,
    base: BASE,
    probe,
    unpack: async (_file, _destination, onto) => {
      for (const path of ['c.txt', 'file']) read.push(onto.content(onto.get(path)!));
      return [];
    },
  });
  expect(read).toEqual(['text', 'file'].map((text) => ({ kind: 'bytes', data: Buffer.from(text) })));
});

describe('what goes wrong', () => {
  test.each<[string, string]>([
    ['ADD a.tar /file', 'COPY_DESTINATION_NOT_DIRECTORY'],
    ['ADD a.tar /file/x', 'COPY_DESTINATION_NOT_DIRECTORY'],
    ['ADD c.txt a.tar /new', 'COPY_DESTINATION_NOT_DIRECTORY'],
  ])('%s fails with %s', async (line, code) => {
    await expect(planLine(line, { source: SOURCE, base: BASE, probe, unpack })).rejects.toMatchObject({
      code,
      ...TEST_PLACE,
    });
  });
});
