import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorkerPool } from '../base/worker-pool.ts';
import { indexLayer, indexLayerJob } from './index-layer.ts';
import { patched, tarMember, tarOf } from './tar-fixture.ts';
import { parseToc } from './toc-codec.ts';
import type { LayerPlanEntry } from './toc.ts';
import { writeLayerJob } from './write-layer.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'slipway-index-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const running = { cancelled: () => false };
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
function index(data: Uint8Array, options: { maxBytes?: number; tarPath?: string } = {}) {
  const path = join(dir, 'blob');
  writeFileSync(path, data);
  return indexLayerJob({ path, ...options }, running);
}

const tar = tarOf(
  { name: './', type: 'dir', mode: 0o755 },
  { name: './etc/' },
  { name: './etc/passwd', data: 'root:x:0:0\n', uid: 3, gid: 4, mode: 0o4755, mtime: 99 },
  { name: './etc/.wh.shadow' },
  { name: 'var/.wh..wh..opq' },
  { name: '.wh..wh.plnk/', type: 'dir' },
  { name: 'dev/null', type: 'char', device: [1, 3], mode: 0o666 },
  { name: 'big', data: Buffer.alloc(3_000_000, 'x') },
);

describe.each([
  ['a tar', tar],
  ['gzip', gzipSync(tar)],
  ['zstd', zstdCompressSync(tar)],
  ['bzip2', execFileSync('bzip2', { input: tar })],
  ['xz', execFileSync('xz', { input: tar })],
])('%s', (_, data) => {
  test('is indexed, and written out uncompressed', async () => {
    const tarPath = join(dir, 'out');
    const layer = await index(data, { tarPath });
    expect(readFileSync(tarPath).equals(tar)).toBe(true);
    expect(layer).toMatchObject({ diffId: `sha256:${sha256(tar)}`, size: tar.length });
    expect(await index(data)).toEqual(layer);
    const entries = parseToc(layer.toc);
    expect(entries.map(({ type, path }) => `${type} ${path}`)).toEqual([
      'dir ',
      'dir etc',
      'file etc/passwd',
      'whiteout etc/shadow',
      'opaque var',
      'char dev/null',
      'file big',
    ]);
    expect(entries[2]).toMatchObject({
      mode: 0o4755,
      uid: 3,
      gid: 4,
      mtime: 99,
      size: 11,
      digest: sha256('root:x:0:0\n'),
    });
    const big = entries.at(-1)!;
    expect(big.digest).toBe(sha256(tar.subarray(big.offset, big.offset! + big.size)));
  });
});

describe('refuses', () => {
  test.each<[string, Buffer, string]>([
    ['a name that escapes', tarOf({ name: '../../../../tmp/canary', data: 'x' }), 'LAYER_PATH_ESCAPE'],
    [
      'a hard link that escapes',
      tarOf({ name: 'p', type: 'hardlink', linkname: '../../etc/passwd' }),
      'LAYER_PATH_ESCAPE',
    ],
    ['a whiteout of the parent', tarOf({ name: 'etc/.wh...' }), 'LAYER_BAD_WHITEOUT'],
    ['a compressed tar cut short', gzipSync(tar).subarray(0, 500), 'LAYER_TRUNCATED'],
    ['a tar cut short', tar.subarray(0, -2000), 'LAYER_TRUNCATED'],
    ['a page of HTML', Buffer.from('<html>'.repeat(500)), 'LAYER_CORRUPT'],
    [
      'a size that is a lie',
      tarOf(patched(tarMember({ name: 'f', data: 'x' }), { size: '77777777777\0' })),
      'LAYER_TRUNCATED',
    ],
    [
      'links in a circle',
      tarOf({ name: 'a', type: 'symlink', linkname: 'a' }, { name: 'a/x' }),
      'SYMLINK_LOOP',
    ],
  ])('%s', async (_, data, code) => {
    await expect(index(data)).rejects.toThrowError(expect.objectContaining({ code }));
  });

  test('a bomb, at the limit and not one byte earlier', async () => {
    const bomb = gzipSync(Buffer.concat([tar, Buffer.alloc(50_000_000)]));
    expect(bomb.length).toBeLessThan(100_000);
    const options = { tarPath: join(dir, 'out'), maxBytes: 10_000_000 };
    await expect(index(bomb, options)).rejects.toThrowError(
      expect.objectContaining({ code: 'LAYER_TOO_LARGE' }),
    );
    expect(readFileSync(options.tarPath).length).toBeLessThanOrEqual(10_000_000);
    expect((await index(tar, { maxBytes: tar.length })).size).toBe(tar.length);
  });
});

test('what lands through a link of the layer is listed where it lands', async () => {
  const layer = await index(
    tarOf({ name: 'l', type: 'symlink', linkname: '/tmp/c' }, { name: 'l/pwn', data: 'x' }),
  );
  expect(parseToc(layer.toc).map(({ path }) => path)).toEqual(['l', 'tmp/c/pwn']);
});

test('runs in a worker thread', async () => {
  const path = join(dir, 'blob');
  writeFileSync(path, gzipSync(tar));
  const pool = createWorkerPool(1);
  try {
    expect(await indexLayer(pool, { path })).toEqual(await indexLayerJob({ path }, running));
    const failing = indexLayer(pool, { path, maxBytes: 10 });
    await expect(failing).rejects.toThrowError(expect.objectContaining({ code: 'LAYER_TOO_LARGE' }));
  } finally {
    await pool.close();
  }
});

const name = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }),
    fc.stringMatching(/^[a-c]{1,3}$/),
    fc.constantFrom('a\udcff', 'n'.repeat(255), 'ü'.repeat(60), '__proto__'),
  )
  .map((text) => Buffer.from(text).toString('utf8').replace(/[/\0]/g, '_'))
  .filter((text) => text !== '.' && text !== '..' && !text.startsWith('.wh.'));
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
const meta = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: 0xffff_ffff })),
  gid: fc.integer({ min: 0, max: 0xffff_ffff }),
  mtime: fc.oneof(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: -(2 ** 40), max: 2 ** 45 })),
});
const xattrs = fc.dictionary(
  fc.stringMatching(/^user\.[a-z]{1,8}$/),
  fc.uint8Array({ maxLength: 600 }).map((value) => Buffer.from(value).toString('latin1')),
  { noNullPrototype: true },
);
const link = fc.oneof(
  path,
  fc.string({ minLength: 1, maxLength: 200, unit: fc.constantFrom('a', '/', '.', 'é') }),
);
const number = fc.integer({ min: 0, max: 0o7777777 });
const planEntry: fc.Arbitrary<LayerPlanEntry> = fc.oneof(
  fc
    .tuple(path, meta, fc.uint8Array({ maxLength: 1600 }), xattrs)
    .map(([path, meta, data, xattrs]): LayerPlanEntry => ({
      path,
      type: 'file',
      ...meta,
      size: data.length,
      source: { kind: 'bytes', data },
      ...(Object.keys(xattrs).length > 0 ? { xattrs } : {}),
    })),
  fc.tuple(path, meta).map(([path, meta]): LayerPlanEntry => ({ path, type: 'dir', ...meta, size: 0 })),
  fc
    .tuple(path, meta, fc.constantFrom('whiteout', 'opaque', 'fifo'))
    .map(([path, meta, type]): LayerPlanEntry => ({ path, type, ...meta, size: 0 })),
  fc
    .tuple(path, meta, link)
    .map(([path, meta, linkname]): LayerPlanEntry => ({ path, type: 'symlink', ...meta, size: 0, linkname })),
  fc.tuple(path, meta, path).map(([path, meta, linkname]): LayerPlanEntry => ({
    path,
    type: 'hardlink',
    ...meta,
    size: 0,
    linkname,
  })),
  fc.tuple(path, meta, number, number).map(([path, meta, major, minor]): LayerPlanEntry => ({
    path,
    type: 'char',
    ...meta,
    size: 0,
    device: [major, minor],
  })),
);

test('whatever is written is read back equal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(planEntry, { maxLength: 25 }), async (entries) => {
      // No entry below another one that is no folder: those would be listed where they land.
      const solid = new Set(entries.filter(({ type }) => type === 'symlink').map(({ path }) => path));
      const plan = entries.filter(({ path, linkname = '' }) =>
        [path, linkname].every((text) =>
          text.split('/').every((_, i, names) => i === 0 || !solid.has(names.slice(0, i).join('/'))),
        ),
      );
      const tarPath = join(dir, 'layer');
      const written = writeLayerJob({ entries: plan, path: tarPath }, running);
      const read = await indexLayerJob({ path: tarPath }, running);
      expect(parseToc(read.toc)).toEqual(parseToc(written.toc));
      expect(read).toEqual(written);
    }),
    { numRuns: 150 },
  );
});
