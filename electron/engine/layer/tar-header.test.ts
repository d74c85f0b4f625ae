import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { afterAll, describe, expect, test } from 'vitest';
import { tarOf } from './tar-fixture.ts';
import { encodeTarHeader, type ArchivedEntry } from './tar-header.ts';
import { createTarParser, type TarMember } from './tar-parser.ts';

const base: ArchivedEntry = {
  name: 'f',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 1_700_000_000,
  size: 0,
};
const dirs: string[] = [];
afterAll(() => dirs.forEach((dir) => rmSync(dir, { recursive: true, force: true })));
function tempDir(): string {
  dirs.push(mkdtempSync(join(tmpdir(), 'slipway-header-')));
  return dirs.at(-1)!;
}
function readBack(header: Buffer): Omit<TarMember, 'offset'> {
  let found: TarMember | undefined;
  createTarParser({ member: (member) => void (found = member) }).push(header);
  const { offset, ...rest } = found!;
  expect(offset).toBe(header.length);
  return rest;
}

const entries: readonly (readonly [string, ArchivedEntry, blocks: number])[] = [
  ['a file', { ...base, size: 12, mode: 0o4755, uid: 1000, gid: 100 }, 1],
  ['a directory', { ...base, type: 'dir', name: 'd', mode: 0o1777 }, 1],
  ['a symbolic link', { ...base, type: 'symlink', linkname: '../x' }, 1],
  ['a hard link', { ...base, type: 'hardlink', linkname: 'a/b' }, 1],
  ['a character device', { ...base, type: 'char', device: [1, 3] }, 1],
  ['a block device', { ...base, type: 'block', device: [259, 1_048_575] }, 1],
  ['a fifo', { ...base, type: 'fifo' }, 1],
  ['a name of 100 bytes', { ...base, name: 'n'.repeat(100) }, 1],
  ['a name of 101 bytes', { ...base, name: 'n'.repeat(101) }, 3],
  ['a folder name of 100 bytes', { ...base, type: 'dir', name: 'n'.repeat(100) }, 3],
  ['a folder name of 99 bytes', { ...base, type: 'dir', name: 'n'.repeat(99) }, 1],
  ['a name that can be cut', { ...base, name: `${'p'.repeat(155)}/${'n'.repeat(100)}` }, 1],
  ['a folder that can be cut', { ...base, type: 'dir', name: `${'p'.repeat(155)}/${'n'.repeat(99)}` }, 1],
  [
    'a folder one byte too long to be cut',
    { ...base, type: 'dir', name: `${'p'.repeat(155)}/${'n'.repeat(100)}` },
    3,
  ],
  ['a prefix one byte too long', { ...base, name: `${'p'.repeat(156)}/n` }, 3],
  ['a long name of many parts', { ...base, name: 'abc/'.repeat(1000) + 'x' }, 2 + 8],
  ['UTF-8', { ...base, name: 'größe/文件' }, 1],
  ['bytes that are no text', { ...base, name: 'a\udcff\udc80' }, 1],
  ['a long name that is no text', { ...base, name: `${'\udcff'.repeat(120)}` }, 3],
  ['a link of 100 bytes', { ...base, type: 'symlink', linkname: 'l'.repeat(100) }, 1],
  ['a link of 101 bytes', { ...base, type: 'symlink', linkname: 'l'.repeat(101) }, 3],
  ['the largest small id', { ...base, uid: 0o7777777, gid: 0o7777777 }, 1],
  ['large ids', { ...base, uid: 0o10000000, gid: 4_294_967_295 }, 3],
  ['the largest small size', { ...base, size: 8 * 1024 ** 3 - 1 }, 1],
  ['8 GiB', { ...base, size: 8 * 1024 ** 3 }, 3],
  ['before 1970', { ...base, mtime: -1 }, 3],
  ['beyond 2242', { ...base, mtime: 0o100000000000 }, 3],
  ['attributes', { ...base, xattrs: { 'user.b': 'v', 'security.capability': '\x01\x00\xff\n=' } }, 3],
  ['an attribute of 64 KiB', { ...base, xattrs: { 'user.b': '\x80'.repeat(65_536) } }, 2 + 129],
];

describe('is read back as written', () => {
  test.each(entries)('%s', (_, entry, blocks) => {
    const header = encodeTarHeader(entry);
    expect(header.length).toBe(blocks * 512);
    const name = entry.type === 'dir' ? `${entry.name}/` : entry.name;
    expect(readBack(header)).toEqual({ ...entry, name });
    expect(encodeTarHeader(entry)).toEqual(header);
  });
});

test('the root is ./', () =>
  expect(readBack(encodeTarHeader({ ...base, type: 'dir', name: '' })).name).toBe('./'));

test.each([
  ['LAYER_BAD_XATTR', { 'user.a=b': '' }],
  ['LAYER_BAD_XATTR', { '': 'x' }],
  ['LAYER_HEADER_TOO_LARGE', { 'user.a': 'x'.repeat(1024 * 1024) }],
])('%s', (code, xattrs) => {
  expect(() => encodeTarHeader({ ...base, xattrs })).toThrowError(expect.objectContaining({ code }));
});

test('a PAX record whose length has one digit more because of that digit', () => {
  for (let length = 80; length < 120; length++) {
    const xattrs = { u: 'x'.repeat(length) };
    expect(readBack(encodeTarHeader({ ...base, xattrs })).xattrs).toEqual(xattrs);
  }
});

test('tar-stream reads it', async () => {
  const readable = entries.filter(
    ([name, entry]) => entry.name.isWellFormed() && entry.size === 0 && name !== 'attributes',
  );
  const archive = Buffer.concat([...readable.map(([, entry]) => encodeTarHeader(entry)), Buffer.alloc(1024)]);
  const found: Header[] = [];
  for await (const member of Readable.from([archive]).pipe(extract())) {
    found.push(member.header);
    member.resume();
  }
  expect(
    found.map(({ name, mode, linkname }) => ({
      name: name.replace(/\/$/, ''),
      mode,
      link: linkname ?? undefined,
    })),
  ).toEqual(readable.map(([, { name, mode, linkname }]) => ({ name, mode, link: linkname })));
});

test('GNU tar lists it', () => {
  const archive = join(tempDir(), 'a.tar');
  writeFileSync(
    archive,
    tarOf(
      { name: 'd', type: 'dir', mode: 0o1777, uid: 3_000_000, gid: 5 },
      { name: 'd/s', mode: 0o6755, data: 'hello', mtime: 86_400 },
      { name: 'd/h', type: 'hardlink', linkname: 'd/s' },
      { name: 'd/l', type: 'symlink', linkname: 'z'.repeat(120) },
      { name: 'd/c', type: 'char', device: [1, 3] },
      { name: 'd/old', mtime: -86_400 },
      { name: 'd/x', data: 'x', xattrs: { 'user.note': 'hi' } },
    ),
  );
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
  const options = ['--numeric-owner', '--full-time', '--xattrs', '-tvvf', archive];
  const listing = execFileSync('tar', options, { env, encoding: 'utf8' })
    .replace(/ +/g, ' ')
    .trim()
    .split('\n');
  expect(listing).toEqual([
    'drwxrwxrwt 3000000/5 0 1970-01-01 00:00:00 d/',
    '-rwsr-sr-x 0/0 5 1970-01-02 00:00:00 d/s',
    'hrw-r--r-- 0/0 0 1970-01-01 00:00:00 d/h link to d/s',
    `lrw-r--r-- 0/0 0 1970-01-01 00:00:00 d/l -> ${'z'.repeat(120)}`,
    'crw-r--r-- 0/0 1,3 1970-01-01 00:00:00 d/c',
    '-rw-r--r-- 0/0 0 1969-12-31 00:00:00 d/old',
    '-rw-r--r--* 0/0 1 1970-01-01 00:00:00 d/x',
    ' x: 2 user.note',
  ]);
});

test('GNU tar unpacks it', () => {
  const dir = tempDir();
  const long = `${'d'.repeat(200)}/${'e'.repeat(200)}`;
  const archive = tarOf(
    { name: 'd', type: 'dir', mode: 0o750 },
    { name: 'd/a\udcffb', data: 'bytes', mode: 0o600 },
    { name: 'd/hard', type: 'hardlink', linkname: 'd/a\udcffb' },
    { name: 'd/soft', type: 'symlink', linkname: 'hard' },
    { name: long, data: 'l'.repeat(1000), mtime: 1_234_567_890 },
  );
  execFileSync('tar', ['-C', dir, '--no-same-owner', '-pxf', '-'], { input: archive });
  const bytesName = Buffer.concat([Buffer.from(`${dir}/d/a`), Buffer.from([0xff]), Buffer.from('b')]);
  expect(readFileSync(bytesName, 'utf8')).toBe('bytes');
  expect(lstatSync(bytesName).ino).toBe(lstatSync(join(dir, 'd/hard')).ino);
  expect(lstatSync(join(dir, 'd')).mode & 0o7777).toBe(0o750);
  expect(readlinkSync(join(dir, 'd/soft'))).toBe('hard');
  expect(readFileSync(join(dir, long), 'utf8')).toBe('l'.repeat(1000));
  expect(lstatSync(join(dir, long)).mtimeMs).toBe(1_234_567_890_000);
});
