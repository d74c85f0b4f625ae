import { expect, test } from 'vitest';
import { createLayerPaths } from './layer-paths.ts';
import type { LayerEntry, LayerEntryType } from './toc.ts';

type Line = readonly [type: LayerEntryType, path: string, linkname?: string];
const entry = ([type, path, linkname]: Line): LayerEntry => ({
  path,
  type,
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  ...(linkname === undefined ? {} : { linkname }),
});

test.each<[string, Line[], string[]]>([
  [
    'plain paths',
    [
      ['dir', 'a'],
      ['file', 'a/b'],
      ['file', 'c/d/e'],
    ],
    ['a', 'a/b', 'c/d/e'],
  ],
  [
    'a link of this layer is followed',
    [
      ['symlink', 'l', 'd'],
      ['file', 'l/x'],
      ['file', 'l/y'],
    ],
    ['l', 'd/x', 'd/y'],
  ],
  [
    'an absolute link stays inside',
    [
      ['symlink', 'l', '/tmp/canary'],
      ['file', 'l/pwn'],
    ],
    ['l', 'tmp/canary/pwn'],
  ],
  [
    'a link upwards stops at the root',
    [
      ['symlink', 'a/l', '../../../../..'],
      ['file', 'a/l/pwn'],
    ],
    ['a/l', 'pwn'],
  ],
  [
    'a folder in place of the link',
    [
      ['symlink', 'l', 'd'],
      ['dir', 'l'],
      ['file', 'l/x'],
    ],
    ['l', 'l', 'l/x'],
  ],
  [
    'a link in place of a folder',
    [
      ['file', 'd/a'],
      ['symlink', 'd', 'e'],
      ['file', 'd/b'],
    ],
    ['d/a', 'd', 'e/b'],
  ],
  [
    'through links of links',
    [
      ['symlink', 'k', 'l'],
      ['symlink', 'l', 'd/e'],
      ['file', 'k/x'],
    ],
    ['k', 'l', 'd/e/x'],
  ],
  [
    'a folder put through a link',
    [
      ['symlink', 'l', '/'],
      ['dir', 'l/d'],
      ['symlink', 'l/d', '/e'],
      ['file', 'd/x'],
    ],
    ['l', 'd', 'd', 'e/x'],
  ],
  [
    'a folder that was plain until a link of a link',
    [
      ['symlink', 'l', '/'],
      ['file', 'x/y/a'],
      ['symlink', 'l/x', '/e'],
      ['file', 'x/y/b'],
    ],
    ['l', 'x/y/a', 'x', 'e/y/b'],
  ],
  [
    'whiteouts too',
    [
      ['symlink', 'l', 'd'],
      ['whiteout', 'l/x'],
      ['opaque', 'l'],
    ],
    ['l', 'd/x', 'd'],
  ],
  [
    'the link itself can be hidden',
    [
      ['symlink', 'l', 'd'],
      ['whiteout', 'l'],
    ],
    ['l', 'l'],
  ],
  [
    'below a file',
    [
      ['file', 'f'],
      ['file', 'f/x'],
    ],
    ['f', 'f/x'],
  ],
])('%s', (_, lines, paths) => {
  const place = createLayerPaths();
  expect(lines.map((line) => place(entry(line)).path)).toEqual(paths);
});

test('hard links name the place too', () => {
  const place = createLayerPaths();
  place(entry(['symlink', 'l', '/d']));
  place(entry(['file', 'l/x']));
  expect(place(entry(['hardlink', 'l/y', 'l/x']))).toMatchObject({ path: 'd/y', linkname: 'd/x' });
  expect(place(entry(['hardlink', 'm', 'l']))).toMatchObject({ path: 'm', linkname: 'l' });
});

test('links in a circle', () => {
  const place = createLayerPaths();
  place(entry(['symlink', 'a', 'b']));
  place(entry(['symlink', 'b', 'a']));
  expect(() => place(entry(['file', 'a/x']))).toThrowError(expect.objectContaining({ code: 'SYMLINK_LOOP' }));
});
