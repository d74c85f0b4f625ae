import { execFileSync } from 'node:child_process';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompressed, isTarArchive, sniffArchive } from './decompress.ts';
import { tarOf } from './tar-fixture.ts';

const tar = tarOf({ name: 'dir/' }, { name: 'dir/file', data: 'content '.repeat(5_000) });
const tool = (name: string, data: Buffer, ...args: string[]): Buffer =>
  execFileSync(name, ['-c', ...args], { input: data });
const compressed = {
  tar,
  gzip: gzipSync(tar),
  bzip2: tool('bzip2', tar),
  xz: tool('xz', tar),
  zstd: zstdCompressSync(tar),
} as const;
type Format = keyof typeof compressed;
const formats = Object.keys(compressed) as Format[];
const packers = formats.filter((format) => format !== 'tar');

async function collect(...chunks: Uint8Array[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of decompressed(chunks)) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}
async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: { code?: unknown }) => error.code,
  );
}
function pieces(data: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(data.length / length) }, (_, i) =>
    data.subarray(i * length, (i + 1) * length),
  );
}

describe.each(formats)('%s', (format) => {
  const data = compressed[format];
  test('is told by its content', () => expect(sniffArchive(data.subarray(0, 512))).toBe(format));
  test('is decompressed', async () => expect(await collect(data)).toEqual(tar));
  test.each([1, 13, 512, 4096])('in pieces of %i', async (length) => {
    expect(await collect(...pieces(data, length))).toEqual(tar);
  });
  test('is an archive to unpack', async () => expect(await isTarArchive([data])).toBe(true));
});

describe.each(packers)('%s', (format) => {
  const pack = (data: Buffer): Buffer => {
    if (format === 'gzip') return gzipSync(data);
    return format === 'zstd' ? zstdCompressSync(data) : tool(format, data);
  };
  test('in several streams one after the other, cut anywhere', async () => {
    const joined = Buffer.concat(
      [0, 1000, 1001, 30_000].map((at, i, all) => pack(tar.subarray(at, all[i + 1]))),
    );
    for (const length of [1, 5, 100, joined.length])
      expect(await collect(...pieces(joined, length))).toEqual(tar);
  });
  test('cut short', async () => {
    expect(await codeOf(collect(compressed[format].subarray(0, -20)))).toBe('LAYER_TRUNCATED');
  });
  test('damaged', async () => {
    const bad = Buffer.from(compressed[format]);
    for (let i = 30; i < 60; i++) bad[i]! ^= 0x5a;
    expect(await codeOf(collect(bad))).toMatch(/^LAYER_(CORRUPT|TRUNCATED)$/);
  });
  test('of a text is not an archive to unpack', async () => {
    expect(await isTarArchive([pack(Buffer.alloc(10_000, 'text'))])).toBe(false);
  });
  test('of nothing is not an archive to unpack', async () =>
    expect(await isTarArchive([pack(Buffer.alloc(0))])).toBe(false));
  test('fails as its source does', async () => {
    async function* source(): AsyncGenerator<Buffer> {
      yield compressed[format].subarray(0, 40);
      throw Object.assign(new Error('no disk'), { code: 'EIO' });
    }
    const all = async (): Promise<void> => {
      for await (const chunk of decompressed(source())) void chunk;
    };
    expect(await codeOf(all())).toBe('EIO');
    expect(await codeOf(isTarArchive(source()))).toBe('EIO');
  });
  test('lets go of its source when nobody reads on', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield compressed[format];
      } finally {
        closed = true;
      }
    }
    for await (const chunk of decompressed(source())) {
      void chunk;
      break;
    }
    await expect.poll(() => closed).toBe(true);
    expect(await collect(compressed[format])).toEqual(tar);
  });
});

test('a bomb comes out piece by piece', async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  for (const bomb of [gzipSync(zeros), zstdCompressSync(zeros), tool('bzip2', zeros), tool('xz', zeros)]) {
    let largest = 0;
    let total = 0;
    for await (const chunk of decompressed([bomb])) {
      largest = Math.max(largest, chunk.length);
      total += chunk.length;
      if (total > 8_000_000) break;
    }
    expect(largest).toBeLessThanOrEqual(1024 * 1024);
  }
});

describe('not an archive', () => {
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('#!/bin/sh\necho hello\n')],
    ['zeros', Buffer.alloc(4096)],
    ['brotli', brotliCompressSync(tar)],
    ['a zip', Buffer.from('PK\x03\x04'.padEnd(600, '\0'), 'latin1')],
    ['the magic of gzip and nothing else', Buffer.from([0x1f, 0x8b, 0x08])],
    ['half a header', tar.subarray(0, 300)],
    ['a header with a flipped bit', Buffer.from(tar).fill(0x80, 10, 11)],
    ['garbage called ustar', Buffer.alloc(1024, 'x').fill('ustar\x0000', 257, 265)],
  ])('%s', async (_, data) => expect(await isTarArchive([data])).toBe(false));
});

describe('zstd frames', () => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const empty = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  const frame = (start: number, end?: number): Buffer =>
    zstdCompressSync(tar.subarray(start, end), { params: { [constants.ZSTD_c_checksumFlag]: start % 2 } });
  const stream = Buffer.concat([
    skippable,
    empty,
    frame(0, 333),
    frame(333, 333),
    skippable,
    frame(333, 20_000),
    frame(20_000),
    empty,
  ]);

  test.each([1, 2, 3, 7, 64, 1000, stream.length])('of every kind, in pieces of %i', async (length) => {
    expect(sniffArchive(stream)).toBe('zstd');
    expect(await collect(...pieces(stream, length))).toEqual(tar);
  });
  test.each([
    ['garbage after a frame', Buffer.concat([frame(0), Buffer.from('garbage')]), 'LAYER_CORRUPT'],
    ['half a magic after a frame', Buffer.concat([frame(0), frame(0).subarray(0, 2)]), 'LAYER_TRUNCATED'],
    ['a skippable frame cut short', Buffer.concat([frame(0), skippable.subarray(0, -1)]), 'LAYER_TRUNCATED'],
  ])('%s', async (_, data, code) => expect(await codeOf(collect(data))).toBe(code));
});

test.each([
  ['a dictionary above its memory limit', ['--lzma2=dict=512MiB']],
  ['an unknown check', ['--check=sha256']],
])('xz with %s is refused in words', async (_, args) => {
  expect(await codeOf(collect(tool('xz', tar, ...args)))).toBe('LAYER_UNSUPPORTED_COMPRESSION');
});

test('a zstd window above 128 MiB is refused', async () => {
  // RFC 8878: magic, descriptor without flags, window of 2^31, one raw block of one byte.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x09, 0x00, 0x00, 0x41]);
  expect(await codeOf(collect(frame))).toBe('LAYER_CORRUPT');
  frame[5] = 10 << 3;
  expect((await collect(frame)).toString()).toBe('A');
});
