import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorkerPool } from '../base/worker-pool.ts';
import type { ContentSource } from './file-tree.ts';
import { parseToc } from './toc-codec.ts';
import type { LayerPlanEntry } from './toc.ts';
import { writeLayer, writeLayerJob } from './write-layer.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'slipway-write-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const running = { cancelled: () => false };
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const common = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, size: 0 };
const bytes = (text: string): { source: ContentSource; size: number } => ({
  source: { kind: 'bytes', data: Buffer.from(text) },
  size: Buffer.byteLength(text),
});
function host(
  name: string,
  data: string | Uint8Array,
): { path: string; source: ContentSource; size: number } {
  const path = join(dir, name);
  writeFileSync(path, data);
  utimesSync(path, 1_000, 1_000);
  const { dev, ino, size, mtimeMs, ctimeMs } = lstatSync(path);
  return { path, size, source: { kind: 'host', path, stamp: { dev, ino, size, mtimeMs, ctimeMs } } };
}
const write = (...entries: LayerPlanEntry[]) => writeLayerJob({ entries, path: join(dir, 'layer') }, running);

describe('writes', () => {
  test('every kind of entry, as GNU tar sees it, with a table that says where the bytes are', () => {
    const big = Buffer.alloc(5_000_000, 'big');
    writeFileSync(join(dir, 'blob'), 'before|slice|after');
    const layer = write(
      { ...common, path: 'd', type: 'dir', mode: 0o1777 },
      { ...common, type: 'file', ...host('h', 'from the host'), path: 'd/host' },
      { ...common, type: 'file', ...host('big', big), path: 'd/big' },
      {
        ...common,
        path: 'd/slice',
        type: 'file',
        size: 5,
        source: { kind: 'blob', path: join(dir, 'blob'), offset: 7, size: 5 },
      },
      { ...common, path: 'd/empty', type: 'file', ...bytes('') },
      { ...common, path: 'd/known', type: 'file', ...bytes('known'), digest: 'ff'.repeat(32) },
      { ...common, path: 'd/link', type: 'symlink', linkname: 'host' },
      { ...common, path: 'd/hard', type: 'hardlink', linkname: 'd/host' },
      { ...common, path: 'd/gone', type: 'whiteout' },
      { ...common, path: 'd', type: 'opaque' },
    );
    const tar = readFileSync(join(dir, 'layer'));
    expect(layer).toMatchObject({ size: tar.length, diffId: `sha256:${sha256(tar)}` });
    const names = execFileSync('tar', ['-tf', join(dir, 'layer')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(names).toEqual([
      'd/',
      'd/host',
      'd/big',
      'd/slice',
      'd/empty',
      'd/known',
      'd/link',
      'd/hard',
      'd/.wh.gone',
      'd/.wh..wh..opq',
    ]);
    const files = parseToc(layer.toc).filter((entry) => entry.type === 'file');
    expect(
      files.map(({ path, offset, size }) => [path, tar.subarray(offset, offset! + size).length]),
    ).toEqual(files.map(({ path, size }) => [path, size]));
    expect(
      files.map(({ offset, size }) => tar.toString('latin1', offset, offset! + Math.min(size, 13))),
    ).toEqual(['from the host', 'bigbigbigbigb', 'slice', '', 'known']);
    expect(files.map(({ digest }) => digest)).toEqual([
      ...['from the host', big, 'slice', ''].map(sha256),
      'ff'.repeat(32),
    ]);
  });

  test('the same bytes again', () => {
    const entry: LayerPlanEntry = { ...common, path: 'a', type: 'file', ...bytes('x') };
    expect(write(entry)).toEqual(write(entry));
  });

  test('content of every length around a block and around the buffer', () => {
    const sizes = [0, 1, 511, 512, 513, 2_097_152 - 512, 2_097_152, 2_097_153, 4_200_000];
    const datas = sizes.map((size, i) => Buffer.alloc(size, String(i)));
    const layer = write(
      ...datas.map((data, i): LayerPlanEntry => ({
        ...common,
        path: String(i),
        type: 'file',
        size: data.length,
        source: { kind: 'bytes', data },
      })),
    );
    expect(parseToc(layer.toc).map(({ digest }) => digest)).toEqual(datas.map(sha256));
    const listed = execFileSync('tar', ['-tvf', join(dir, 'layer')], { encoding: 'utf8' });
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => Number(line.split(/\s+/)[2])),
    ).toEqual(sizes);
  });
});

describe('notices that a file', () => {
  const attempt = (file: ReturnType<typeof host>) => () =>
    write({ ...common, type: 'file', ...file, path: 'f' });
  test.each<[string, (path: string) => void]>([
    ['is gone', (path) => rmSync(path)],
    ['is longer', (path) => writeFileSync(path, 'longer than before')],
    ['is shorter', (path) => truncateSync(path, 1)],
    ['was touched', (path) => utimesSync(path, 1, 1)],
    [
      'was rewritten and given its old times',
      (path) => {
        writeFileSync(path, 'OTHER');
        utimesSync(path, 1_000, 1_000);
      },
    ],
    [
      'is another one of the same size',
      (path) => {
        rmSync(path);
        writeFileSync(path, 'OTHER');
      },
    ],
    [
      'is a link now',
      (path) => {
        rmSync(path);
        symlinkSync('/etc/passwd', path);
      },
    ],
    [
      'is a folder now',
      (path) => {
        rmSync(path);
        execFileSync('mkdir', [path]);
      },
    ],
    [
      'is a pipe now',
      (path) => {
        rmSync(path);
        execFileSync('mkfifo', [path]);
      },
    ],
  ])('%s', (_, change) => {
    const file = host('f', 'bytes');
    change(file.path);
    expect(attempt(file)).toThrowError(
      expect.objectContaining({
        code: 'CONTEXT_FILE_CHANGED',
        message: expect.stringContaining(file.path) as string,
      }),
    );
  });

  test('changes while it is read', () => {
    const file = host('f', Buffer.alloc(6_000_000));
    let polls = 0;
    const context = {
      cancelled: () => {
        if (++polls === 3) writeFileSync(file.path, Buffer.alloc(6_000_000, 1));
        return false;
      },
    };
    const entries = [{ ...common, type: 'file' as const, ...file, path: 'f' }];
    expect(() => writeLayerJob({ entries, path: join(dir, 'layer') }, context)).toThrowError(
      expect.objectContaining({ code: 'CONTEXT_FILE_CHANGED' }),
    );
  });
});

test.each([
  [
    'LAYER_TRUNCATED',
    {
      ...common,
      path: 'a',
      type: 'file',
      size: 9,
      source: { kind: 'blob', path: '/dev/null', offset: 0, size: 9 },
    },
  ],
  ['LAYER_RESERVED_NAME', { ...common, path: 'a/.wh.b', type: 'file', ...bytes('') }],
] satisfies [string, LayerPlanEntry][])('%s', (code, entry) => {
  expect(() => write(entry)).toThrowError(expect.objectContaining({ code }));
});

test('runs in a worker thread, and stops when asked to', async () => {
  const pool = createWorkerPool(1);
  try {
    const entry: LayerPlanEntry = { ...common, path: 'a', type: 'file', ...bytes('x') };
    expect(await writeLayer(pool, { entries: [entry], path: join(dir, 'pooled') })).toEqual(write(entry));
    const entries = Array.from({ length: 100_000 }, (_, i): LayerPlanEntry => ({
      ...common,
      path: `f${i}`,
      type: 'dir',
    }));
    const controller = new AbortController();
    const written = writeLayer(pool, { entries, path: join(dir, 'aborted') }, controller.signal);
    setTimeout(() => controller.abort(), 60);
    await expect(written).rejects.toThrowError(expect.objectContaining({ name: 'AbortError' }));
  } finally {
    await pool.close();
  }
});
