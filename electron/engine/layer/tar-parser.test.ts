import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, linkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { base256, extendedHeader, patched, paxRecord, tarMember, tarOf } from './tar-fixture.ts';
import { createTarParser, type TarMember } from './tar-parser.ts';

interface Read {
  readonly member: TarMember;
  readonly text: string;
}

function read(archive: Uint8Array, pieceLength = archive.length || 1, maxMembers?: number): Read[] {
  const result: Read[] = [];
  let member: TarMember | undefined;
  let text = '';
  const parser = createTarParser(
    {
      member(next) {
        member = next;
        text = '';
      },
      data: (chunk) => void (text += chunk.toString('latin1')),
      end: (ended) => {
        expect(ended).toBe(member);
        result.push({ member: ended, text });
      },
    },
    maxMembers,
  );
  for (let at = 0; at < archive.length; at += pieceLength)
    parser.push(archive.subarray(at, at + pieceLength));
  parser.finish();
  return result;
}
const code = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return 'no error';
};
const one = (archive: Uint8Array): TarMember => {
  const [first, ...more] = read(archive);
  expect(more).toEqual([]);
  return first!.member;
};

const file = tarMember({ name: 'f', data: 'hello' });

describe('dialects', () => {
  test.each([
    ['V7', patched(file, { magic: '' }), { name: 'f', type: 'file', size: 5 }],
    [
      'V7 directory',
      patched(tarMember({ name: 'x' }), { magic: '', name: 'd/', type: '\0' }),
      { name: 'd/', type: 'dir' },
    ],
    ['old file type', patched(file, { type: '\0' }), { type: 'file', size: 5 }],
    ['contiguous file', patched(file, { type: '7' }), { type: 'file', size: 5 }],
    ['ustar prefix', patched(file, { prefix: 'some/where' }), { name: 'some/where/f' }],
    ['GNU has no prefix', patched(file, { magic: 'ustar  \0', prefix: '12345' }), { name: 'f' }],
    ['name fills its field', patched(file, { name: 'n'.repeat(100) }), { name: 'n'.repeat(100) }],
    ['not UTF-8', patched(file, { name: 'a\xffb' }), { name: 'a\udcffb' }],
    ['numbers with blanks', patched(file, { uid: '  17 \0', mode: ' 755 \0' }), { uid: 0o17, mode: 0o755 }],
    ['empty numbers', patched(file, { uid: '', gid: '' }), { uid: 0, gid: 0 }],
    ['mode with file type', patched(file, { mode: '0104755\0' }), { mode: 0o4755 }],
    ['base-256 uid', patched(file, { uid: base256(4_000_000_000n, 8) }), { uid: 4_000_000_000 }],
    ['negative time', patched(file, { mtime: base256(-86_400n, 12) }), { mtime: -86_400 }],
    [
      'link content is ignored',
      patched(tarMember({ name: 'l', type: 'hardlink', linkname: 'f' }), { size: '00000000777\0' }),
      { type: 'hardlink', size: 0, linkname: 'f' },
    ],
    ['device', tarMember({ name: 'null', type: 'char', device: [1, 3] }), { type: 'char', device: [1, 3] }],
    [
      'PAX path',
      Buffer.concat([extendedHeader('x', paxRecord('path', 'längere/Namen')), file]),
      { name: 'längere/Namen', size: 5 },
    ],
    [
      'PAX numbers',
      Buffer.concat([
        extendedHeader(
          'x',
          paxRecord('uid', '3000000') + paxRecord('mtime', '-1.25') + paxRecord('atime', '7'),
        ),
        file,
      ]),
      { uid: 3_000_000, mtime: -2 },
    ],
    [
      'PAX size',
      Buffer.concat([extendedHeader('x', paxRecord('size', '5')), patched(file, { size: '' })]),
      { size: 5 },
    ],
    [
      'later PAX header counts',
      Buffer.concat([
        extendedHeader('x', paxRecord('path', 'a')),
        extendedHeader('x', paxRecord('uid', '7')),
        file,
      ]),
      { name: 'f', uid: 7 },
    ],
    [
      'global, overridden',
      Buffer.concat([
        extendedHeader('g', paxRecord('uid', '9') + paxRecord('gid', '8')),
        extendedHeader('x', paxRecord('uid', '7')),
        file,
      ]),
      { uid: 7, gid: 8 },
    ],
    [
      'global, taken back',
      Buffer.concat([
        extendedHeader('g', paxRecord('uid', '9')),
        extendedHeader('x', paxRecord('uid', '')),
        file,
      ]),
      { uid: 0 },
    ],
    [
      'GNU long name',
      Buffer.concat([extendedHeader('L', `${'x'.repeat(300)}\0`), file]),
      { name: 'x'.repeat(300) },
    ],
    [
      'GNU long link',
      Buffer.concat([extendedHeader('K', 'to\0'), tarMember({ name: 's', type: 'symlink', linkname: 'no' })]),
      { linkname: 'to' },
    ],
    [
      'volume label',
      Buffer.concat([patched(tarMember({ name: 'label' }), { type: 'V' }), file]),
      { name: 'f' },
    ],
    [
      'GNU dumped directory',
      patched(tarMember({ name: 'd', data: 'Yf\0\0' }), { type: 'D' }),
      { type: 'dir', size: 0 },
    ],
  ])('%s', (_, bytes, expected) => {
    expect(one(tarOf(bytes))).toMatchObject(expected);
  });

  test('xattrs keep every byte, overlayfs ones are dropped', () => {
    const value = Buffer.from([0, 1, 0xff, 0x3d]).toString('latin1');
    const member = tarMember({
      name: 'f',
      xattrs: {
        'security.capability': value,
        'trusted.overlay.redirect': 'x',
        'user.overlay.opaque': 'y',
        'user.a': '',
      },
    });
    expect(one(tarOf(member)).xattrs).toEqual({ 'security.capability': value, 'user.a': '' });
  });

  test('xattrs of a global header are nobody\u2019s', () => {
    const archive = tarOf(extendedHeader('g', paxRecord('SCHILY.xattr.user.a', 'v')), file);
    expect(one(archive)).not.toHaveProperty('xattrs');
  });

  test('a checksum over signed bytes', () => {
    const bytes = Buffer.from(patched(file, { name: '\xe4\xff' }));
    const sum = Number.parseInt(bytes.toString('latin1', 148, 154), 8);
    expect(
      one(tarOf(patched(bytes, { checksum: `${(sum - 512).toString(8).padStart(6, '0')}\0 ` }))).size,
    ).toBe(5);
    const off = patched(bytes, { checksum: `${(sum - 256).toString(8).padStart(6, '0')}\0 ` });
    expect(code(() => read(tarOf(off)))).toBe('LAYER_CORRUPT');
  });

  test('an xattr named __proto__ is an xattr', () => {
    const { xattrs } = one(tarOf(extendedHeader('x', paxRecord('SCHILY.xattr.__proto__', 'v')), file));
    expect(Object.entries(xattrs!)).toEqual([['__proto__', 'v']]);
  });
});

describe('ends', () => {
  const two = tarOf({ name: 'a', data: 'A' }, { name: 'b', data: 'B' });
  test.each([
    ['nothing at all', Buffer.alloc(0), 0],
    ['only the marker', Buffer.alloc(1024), 0],
    ['no marker', two.subarray(0, -1024), 2],
    ['half a marker', two.subarray(0, -512), 2],
    ['no padding', two.subarray(0, 1024 + 512 + 1), 2],
    ['anything after the marker', Buffer.concat([two, Buffer.from('junk'), file]), 2],
    ['gigabytes of nothing are not kept', Buffer.concat([two, Buffer.alloc(1 << 20)]), 2],
  ])('%s', (_, bytes, count) => expect(read(bytes)).toHaveLength(count));
});

describe('refuses', () => {
  const header = (changes: Parameters<typeof patched>[1]): Buffer => tarOf(patched(file, changes));
  test.each([
    ['text', Buffer.alloc(2048, 'text'), 'LAYER_CORRUPT'],
    ['a flipped bit', Buffer.from(tarOf(file)).fill(0x41, 3, 4), 'LAYER_CORRUPT'],
    ['a wrong checksum', header({ checksum: '0000000\0' }), 'LAYER_CORRUPT'],
    ['a lone zero block', Buffer.concat([file, Buffer.alloc(512), file]), 'LAYER_CORRUPT'],
    ['letters for numbers', header({ size: '0000000000x\0' }), 'LAYER_CORRUPT'],
    ['negative size', header({ size: base256(-1n, 12) }), 'LAYER_CORRUPT'],
    ['size 2^63-1', header({ size: base256(2n ** 63n - 1n, 12) }), 'LAYER_CORRUPT'],
    ['size 2^52', header({ size: base256(2n ** 52n, 12) }), 'LAYER_TRUNCATED'],
    ['size 8 GiB', header({ size: '77777777777\0' }), 'LAYER_TRUNCATED'],
    [
      'PAX size 2^63',
      tarOf(extendedHeader('x', paxRecord('size', '9223372036854775808')), file),
      'LAYER_CORRUPT',
    ],
    ['PAX size -1', tarOf(extendedHeader('x', paxRecord('size', '-1')), file), 'LAYER_CORRUPT'],
    ['PAX size 1e9', tarOf(extendedHeader('x', paxRecord('size', '1e9')), file), 'LAYER_CORRUPT'],
    ['PAX size in hex', tarOf(extendedHeader('x', paxRecord('size', '0x10')), file), 'LAYER_CORRUPT'],
    ['negative uid', header({ uid: base256(-2n, 8) }), 'LAYER_CORRUPT'],
    ['uid 2^32', header({ uid: base256(2n ** 32n, 8) }), 'LAYER_CORRUPT'],
    [
      'device number 2^40',
      tarOf(
        patched(tarMember({ name: 'c', type: 'char', device: [1, 1] }), { major: base256(2n ** 40n, 8) }),
      ),
      'LAYER_CORRUPT',
    ],
    ['NUL in a PAX path', tarOf(extendedHeader('x', paxRecord('path', 'a\0b')), file), 'LAYER_CORRUPT'],
    ['PAX length too long', tarOf(extendedHeader('x', '99 path=a\n'), file), 'LAYER_CORRUPT'],
    ['PAX length too short', tarOf(extendedHeader('x', '5 path=a\n'), file), 'LAYER_CORRUPT'],
    ['PAX length 0', tarOf(extendedHeader('x', '0 path=a\n'), file), 'LAYER_CORRUPT'],
    ['PAX length not a number', tarOf(extendedHeader('x', 'x path=a\n'), file), 'LAYER_CORRUPT'],
    ['PAX without equals', tarOf(extendedHeader('x', '7 path\n'), file), 'LAYER_CORRUPT'],
    [
      'PAX header of 2 GiB',
      tarOf(patched(extendedHeader('x', ''), { size: '20000000000\0' })),
      'LAYER_CORRUPT',
    ],
    [
      'long name of 2 GiB',
      tarOf(patched(extendedHeader('L', ''), { size: '20000000000\0' })),
      'LAYER_CORRUPT',
    ],
    ['sparse file, GNU', header({ type: 'S' }), 'LAYER_UNSUPPORTED_ENTRY'],
    [
      'sparse file, PAX',
      tarOf(extendedHeader('x', paxRecord('GNU.sparse.major', '1')), file),
      'LAYER_UNSUPPORTED_ENTRY',
    ],
    ['multi-volume', header({ type: 'M' }), 'LAYER_UNSUPPORTED_ENTRY'],
    ['a type called constructor', header({ type: 'Z' }), 'LAYER_UNSUPPORTED_ENTRY'],
    ['half a header', file.subarray(0, 300), 'LAYER_TRUNCATED'],
    ['half the content', file.subarray(0, 514), 'LAYER_TRUNCATED'],
    ['a PAX header at the end', extendedHeader('x', paxRecord('path', 'a')), 'LAYER_TRUNCATED'],
    ['a long name at the end', extendedHeader('L', 'a'), 'LAYER_TRUNCATED'],
  ])('%s', (_, bytes, expected) => expect(code(() => read(bytes))).toBe(expected));

  test('more entries than allowed, headers without an entry counted too', () => {
    const three = tarOf({ name: 'a' }, { name: 'b' }, { name: 'c' });
    expect(read(three, 512, 3)).toHaveLength(3);
    expect(code(() => read(three, 512, 2))).toBe('LAYER_TOO_MANY_ENTRIES');
    const headers = Buffer.concat([1, 2, 3].map(() => extendedHeader('x', paxRecord('uid', '1'))));
    expect(code(() => read(headers, 512, 2))).toBe('LAYER_TOO_MANY_ENTRIES');
  });
});

test('50,000 attributes in one header take no time', () => {
  let records = '';
  for (let i = 0; i < 25_000; i++) records += paxRecord(`SCHILY.xattr.user.${i}`, '');
  const started = performance.now();
  expect(Object.keys(one(tarOf(extendedHeader('x', records), file)).xattrs!)).toHaveLength(25_000);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('pieces of any length give the same', () => {
  const archive = tarOf(
    { name: 'dir/' },
    { name: 'dir/empty' },
    { name: `${'long/'.repeat(60)}x`, data: 'y'.repeat(1500), xattrs: { 'user.k': 'v' } },
    { name: 'exact', data: 'z'.repeat(512) },
    { name: 'link', type: 'symlink', linkname: 'q'.repeat(150) },
  );
  const expected = read(archive);
  expect(expected.map(({ member, text }) => [member.name.length, text.length])).toEqual([
    [4, 0],
    [9, 0],
    [301, 1500],
    [5, 512],
    [4, 0],
  ]);
  for (const length of [1, 7, 100, 511, 512, 513, 1000, 4096])
    expect(read(archive, length)).toEqual(expected);
});

describe('reads what GNU tar writes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-tar-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const deep = `${'d'.repeat(40)}/${'e'.repeat(40)}`;
  const long = `${deep}/${'f'.repeat(120)}`;
  const tree = join(dir, 'tree');
  mkdirSync(join(tree, deep), { recursive: true });
  writeFileSync(join(tree, 'file'), 'content\n', { mode: 0o640 });
  writeFileSync(join(tree, deep, 'short'), 'short');
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0x61, 0xff])]), 'bytes');
  linkSync(join(tree, 'file'), join(tree, 'hard'));
  symlinkSync('../somewhere', join(tree, 'soft'));
  execFileSync('mkfifo', [join(tree, 'pipe')]);

  test.each(['v7', 'ustar', 'oldgnu', 'gnu', 'posix'])('in the format %s', (format) => {
    const longNames = format !== 'v7' && format !== 'ustar';
    if (longNames) writeFileSync(join(tree, long), 'long');
    else rmSync(join(tree, long), { force: true });
    const options = ['--sort=name', `--format=${format}`, '--owner=7', '--group=8'];
    if (format === 'v7') options.push('--exclude=./pipe');
    const archive = execFileSync('tar', ['-C', tree, ...options, '-cf', '-', '.']);
    const found = new Map(read(archive).map((item) => [item.member.name, item]));
    expect(found.get('./')?.member).toMatchObject({ type: 'dir', uid: 7, gid: 8 });
    expect(found.get('./file')).toMatchObject({
      member: { type: 'file', mode: 0o640, size: 8 },
      text: 'content\n',
    });
    expect(found.get('./hard')?.member).toMatchObject({ type: 'hardlink', linkname: './file' });
    expect(found.get('./soft')?.member).toMatchObject({ type: 'symlink', linkname: '../somewhere' });
    expect(found.get('./a\udcff')).toMatchObject({ text: 'bytes' });
    expect(found.get(`./${deep}/short`)).toMatchObject({ text: 'short' });
    if (format !== 'v7') expect(found.get('./pipe')?.member).toMatchObject({ type: 'fifo' });
    if (longNames) expect(found.get(`./${long}`)).toMatchObject({ text: 'long' });
  });
});
