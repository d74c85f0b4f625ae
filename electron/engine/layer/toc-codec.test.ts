import { describe, expect, test } from 'vitest';
import { contentDigest, parseToc, serializeToc } from './toc-codec.ts';
import type { TocEntry } from './toc.ts';

const common = { mode: 0o644, uid: 1, gid: 2, mtime: -3, size: 0 };
const digest = 'ab'.repeat(32);
const table: readonly TocEntry[] = [
  { ...common, path: '', type: 'dir' },
  { ...common, path: 'a', type: 'file', size: 2 ** 40, offset: 512, digest },
  { ...common, path: 'b\n"\\\u2028', type: 'symlink', linkname: 'x\udcff' },
  { ...common, path: 'c\udcff', type: 'hardlink', linkname: 'a' },
  { ...common, path: 'd', type: 'char', device: [1, 3], mtime: 2 ** 40 },
  { ...common, path: 'e', type: 'block', device: [8, 0], xattrs: { 'user.x': '\x00\xff' } },
  { ...common, path: 'f', type: 'fifo', xattrs: {} },
  { ...common, path: 'g', type: 'whiteout' },
  { ...common, path: 'h', type: 'opaque' },
  {
    ...common,
    path: 'i',
    type: 'file',
    offset: 1024,
    digest,
    xattrs: Object.fromEntries([['__proto__', 'v']]),
  },
  { ...common, path: 'j', type: 'symlink', linkname: '/', xattrs: { 'user.y': 'z' } },
];

test('a table comes back as it was', () => {
  const text = serializeToc(table);
  expect(parseToc(text)).toEqual(table);
  expect(text.isWellFormed()).toBe(true);
  expect(text.split('\n')).toHaveLength(table.length + 2);
  expect(parseToc(serializeToc([]))).toEqual([]);
});

describe('refuses', () => {
  const good = serializeToc(table);
  test.each([
    ['nothing', ''],
    ['another version', good.replace('"slipway-toc",1', '"slipway-toc",2')],
    ['a table cut short', good.slice(0, -10)],
    ['a table cut at a line, without its newline', good.slice(0, good.lastIndexOf('\n'))],
    ['text', '["slipway-toc",1]\nhello\n'],
    ['a row that is none', '["slipway-toc",1]\n{}\n'],
    ['an unknown type', '["slipway-toc",1]\n["?","a",1,1,1,1]\n'],
    ['a path that is none', '["slipway-toc",1]\n["d",1,1,1,1,1]\n'],
    ['a number that is none', '["slipway-toc",1]\n["d","a","1",1,1,1]\n'],
    ['a missing number', '["slipway-toc",1]\n["d","a",1,1,1]\n'],
    ['a file without digest', '["slipway-toc",1]\n["-","a",1,1,1,1,5,512]\n'],
    ['a link without target', '["slipway-toc",1]\n["l","a",1,1,1,1]\n'],
    ['attributes that are none', '["slipway-toc",1]\n["d","a",1,1,1,1,[]]\n'],
  ])('%s', (_, text) => {
    expect(() => parseToc(text)).toThrowError(expect.objectContaining({ code: 'LAYER_TOC_CORRUPT' }));
  });
});

describe('the content digest', () => {
  const file = table[1]!;
  const link = table[2]!;
  const device = table[4]!;
  const changed = (entry: TocEntry, change: Partial<TocEntry>): boolean =>
    contentDigest([entry]) !== contentDigest([{ ...entry, ...change }]);

  test.each([
    ['mtime', file, { mtime: 77 }],
    ['offset', file, { offset: 4096 }],
    ['the mode of a link', link, { mode: 0o777 }],
  ] as const)('does not depend on %s', (_, entry, change) => expect(changed(entry, change)).toBe(false));

  test.each([
    ['path', file, { path: 'b' }],
    ['type', link, { type: 'hardlink' }],
    ['mode', file, { mode: 0o600 }],
    ['uid', file, { uid: 9 }],
    ['gid', file, { gid: 9 }],
    ['size', file, { size: 1 }],
    ['bytes', file, { digest: 'cd'.repeat(32) }],
    ['target', link, { linkname: 'y' }],
    ['device', device, { device: [1, 5] }],
    ['attributes', file, { xattrs: { 'user.x': '' } }],
  ] as const)('depends on %s', (_, entry, change) => expect(changed(entry, change)).toBe(true));

  test('does not depend on order, of entries or attributes', () => {
    expect(contentDigest(table.toReversed())).toBe(contentDigest(table));
    const one = { ...file, xattrs: { a: '1', b: '2' } };
    const two = { ...file, xattrs: { b: '2', a: '1' } };
    expect(contentDigest([one])).toBe(contentDigest([two]));
  });

  test('cannot be made equal by moving text from one field to the next', () => {
    const at = (path: string, linkname: string): string => contentDigest([{ ...link, path, linkname }]);
    expect(at('a" 1 "b', 'c')).not.toBe(at('a', 'b" 1 "c'));
  });
});
