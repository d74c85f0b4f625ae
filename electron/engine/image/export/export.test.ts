import { chmod, link, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import {
  addImage,
  addLayer,
  planned,
  sampleImage,
  withBench,
  type Bench,
} from '../../../../tests/support/image-fixture.ts';
import type { LayerPlanEntry } from '../../layer/toc.ts';
import { loadArchive } from '../import/load-archive.ts';
import { readImage } from '../read-image.ts';
import { normalizeTag } from '../reference.ts';
import { exportDirectory } from './directory.ts';
import { exportDockerArchive, exportOciArchive } from './image-archive.ts';
import { exportRootfsTar } from './rootfs-tar.ts';
import type { WrittenDirectory } from './write-directory.ts';

const APP = normalizeTag('app:1');

async function exportTo(
  bench: Bench,
  target: string,
  entries: readonly LayerPlanEntry[],
): Promise<WrittenDirectory> {
  const { digest } = await addImage(bench.store, [await addLayer(bench, entries)]);
  return exportDirectory(bench.store, bench.pool, { digest }, target);
}

describe('a directory', () => {
  test('modes, times, links and hardlinks are as in the image', () =>
    withBench(async (bench) => {
      const target = join(bench.directory, 'new/target');
      const { digest } = await sampleImage(bench);
      const result = await exportDirectory(bench.store, bench.pool, { digest }, target);
      expect(result).toMatchObject({ files: 7, skipped: [] });
      expect((await readdir(join(target, 'etc'))).sort()).toEqual([
        'hard',
        'link',
        'out',
        'passwd',
        'passwd2',
      ]);
      expect(await readlink(join(target, 'etc/link'))).toBe('../bin/tool');
      const [hard, first] = [await stat(join(target, 'etc/hard')), await stat(join(target, 'etc/passwd2'))];
      expect(hard.ino).toBe(first.ino);
      expect(hard.mtimeMs).toBe(1_700_000_000_000);
      expect((await stat(join(target, 'etc'))).mtimeMs).toBe(1_600_000_000_000);
      expect((await stat(join(target, 'tmp'))).mode & 0o7777).toBe(0o1777);
      const isRoot = process.geteuid!() === 0;
      expect((await stat(join(target, 'bin/tool'))).mode & 0o7777).toBe(isRoot ? 0o4755 : 0o755);
      // A second export over the first, with its read-only and linked files, changes nothing.
      expect(await exportDirectory(bench.store, bench.pool, { digest }, target)).toEqual(result);
      expect(await readdir(target)).toEqual(expect.not.arrayContaining([expect.stringMatching(/slipway/)]));
    }));

  test('links in the destination are replaced and never followed', () =>
    withBench(async (bench) => {
      const outside = join(bench.directory, 'outside');
      const target = join(bench.directory, 'target');
      await mkdir(join(outside, 'dir'), { recursive: true });
      await writeFile(join(outside, 'file'), 'untouched');
      await chmod(join(outside, 'file'), 0o600);
      await mkdir(target);
      await symlink('../outside/dir', join(target, 'a'));
      await symlink('../outside/file', join(target, 'b'));
      await link(join(outside, 'file'), join(target, 'c'));
      await writeFile(join(target, 'd'), 'a file where a directory goes');
      await writeFile(join(target, 'kept'), 'kept');
      await exportTo(bench, target, [
        planned('a', { type: 'dir', mode: 0o700 }),
        planned('a/x', { text: 'x' }),
        planned('b', { text: 'b' }),
        planned('c', { text: 'c' }),
        planned('d', { type: 'dir' }),
        planned('e', { type: 'symlink', linkname: '../outside/dir', mode: 0o777 }),
      ]);
      expect(await readdir(join(outside, 'dir'))).toEqual([]);
      expect(await readFile(join(outside, 'file'), 'utf8')).toBe('untouched');
      expect((await stat(join(outside, 'file'))).mode & 0o777).toBe(0o600);
      expect(await readFile(join(target, 'a/x'), 'utf8')).toBe('x');
      expect(lstatSync(join(target, 'b')).isFile()).toBe(true);
      expect((await readdir(target)).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'kept']);
      // The link that the image has may become a directory in the next image.
      await exportTo(bench, target, [planned('e', { type: 'dir' }), planned('e/y', { text: 'y' })]);
      expect(await readdir(join(outside, 'dir'))).toEqual([]);
    }));

  test("a directory in a file's place is replaced only when empty", () =>
    withBench(async (bench) => {
      const target = join(bench.directory, 'target');
      await mkdir(join(target, 'a'), { recursive: true });
      await exportTo(bench, target, [planned('a', { text: 'now a file' })]);
      expect(await readFile(join(target, 'a'), 'utf8')).toBe('now a file');
      await mkdir(join(target, 'b/work'), { recursive: true });
      await expect(exportTo(bench, target, [planned('b')])).rejects.toMatchObject({ code: 'EXPORT_BLOCKED' });
      expect(await readdir(join(target, 'b'))).toEqual(['work']);
      expect((await readdir(target)).sort()).toEqual(['a', 'b']);
    }));

  test('what cannot be made is named', () =>
    withBench(async (bench) => {
      const entries = [
        planned('dev', { type: 'dir' }),
        planned('dev/null', { type: 'char', device: [1, 3] }),
        planned('pipe', { type: 'fifo' }),
      ];
      const result = await exportTo(bench, join(bench.directory, 'target'), entries);
      expect(result).toEqual({ files: 0, bytes: 0, skipped: ['dev/null', 'pipe'] });
    }));

  test('hundreds of directories deep', () =>
    withBench(async (bench) => {
      const parts = Array.from({ length: 300 }, (_, i) => `d${i}`);
      const entries = parts.map((_, i) => planned(parts.slice(0, i + 1).join('/'), { type: 'dir' }));
      const target = join(bench.directory, 'target');
      await exportTo(bench, target, [...entries, planned(`${parts.join('/')}/file`, { text: 'deep' })]);
      expect(await readFile(join(target, ...parts, 'file'), 'utf8')).toBe('deep');
    }));
});

describe('destinations', () => {
  test('a stream gets the same bytes as a file, and progress is told', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const image = { digest, references: [APP] };
      const writers = {
        oci: (to: string | PassThrough, told: number[][]) =>
          exportOciArchive(bench.store, [image], to, { onProgress: (...progress) => told.push(progress) }),
        docker: (to: string | PassThrough, told: number[][]) =>
          exportDockerArchive(bench.store, [image], to, { onProgress: (...progress) => told.push(progress) }),
        rootfs: (to: string | PassThrough, told: number[][]) =>
          exportRootfsTar(bench.store, bench.pool, image, to, {
            onProgress: (...progress) => told.push(progress),
          }),
      };
      for (const [name, write] of Object.entries(writers)) {
        const path = join(bench.directory, name);
        const told: number[][] = [];
        const { size } = await write(path, told);
        expect(told.at(-1)).toEqual([size, size]);
        const stream = new PassThrough();
        const received = buffer(stream);
        await write(stream, []);
        stream.end();
        expect(await received).toEqual(await readFile(path));
      }
      expect(await readdir(join(bench.store.root, 'ingest'))).toEqual([]);
    }));

  test('what fails leaves nothing, and what was there stays', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const image = { digest, references: [] };
      const path = join(bench.directory, 'out/image.tar');
      await mkdir(join(bench.directory, 'out'));
      await writeFile(path, 'before');
      const signal = AbortSignal.abort();
      await expect(exportOciArchive(bench.store, [image], path, { signal })).rejects.toMatchObject({
        name: 'AbortError',
      });
      await expect(exportRootfsTar(bench.store, bench.pool, image, path, { signal })).rejects.toMatchObject({
        name: 'AbortError',
      });
      const abort = new AbortController();
      const options = { signal: abort.signal, onProgress: () => abort.abort() };
      await expect(exportOciArchive(bench.store, [image], path, options)).rejects.toMatchObject({
        name: 'AbortError',
      });
      const directory = exportOciArchive(bench.store, [image], bench.directory);
      await expect(directory).rejects.toMatchObject({ code: 'EXPORT_DESTINATION' });
      // A blob that rots between build and export is noticed.
      const { layers } = await readImage(bench.store, digest);
      const blob = bench.store.blobs.path(layers[0]!.blob.digest);
      const data = await readFile(blob);
      data[600] = data[600]! ^ 1;
      await writeFile(blob, data);
      await expect(exportOciArchive(bench.store, [image], path)).rejects.toMatchObject({
        code: 'BLOB_CORRUPT',
      });
      expect(await readdir(join(bench.directory, 'out'))).toEqual(['image.tar']);
      expect(await readFile(path, 'utf8')).toBe('before');
    }));

  test('a device is written to, not replaced', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      await exportDockerArchive(bench.store, [{ digest, references: [] }], '/dev/null');
      await exportRootfsTar(bench.store, bench.pool, { digest }, '/dev/null');
      expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    }));
});

test.each(['gzip', 'zstd', 'none'] as const)('layers as %s make the same image again', (layers) =>
  withBench(async (bench) => {
    const { digest } = await sampleImage(bench);
    const before = await readImage(bench.store, digest);
    const paths = ['a', 'b'].map((name) => join(bench.directory, name));
    const images = [{ digest, references: [APP] }];
    const form = layers === 'none' ? layers : { compression: layers, pool: bench.pool };
    for (const path of paths) await exportOciArchive(bench.store, images, path, { layers: form });
    expect(await readFile(paths[0]!)).toEqual(await readFile(paths[1]!));
    const other = await bench.newStore();
    const loaded = await loadArchive(other, paths[0]!, bench);
    const after = await readImage(other, loaded.images[0]!);
    expect(after.configDigest).toBe(before.configDigest);
    expect(after.layers.map((layer) => layer.diffId)).toEqual(before.layers.map((layer) => layer.diffId));
    expect(after.layers[0]!.blob.mediaType).toMatch(layers === 'none' ? /tar$/ : new RegExp(`${layers}$`));
    expect(loaded.images[0] === digest).toBe(layers === 'none');
  }),
);
