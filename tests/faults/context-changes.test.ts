import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { servicesOver } from '../support/build-services.ts';
import type { Digest } from '../../electron/engine/base/digest.ts';
import { EngineError } from '../../electron/engine/base/errors.ts';
import { createWorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { build } from '../../electron/engine/build/build.ts';
import { readImage } from '../../electron/engine/image/read-image.ts';
import { writeLayer } from '../../electron/engine/layer/write-layer.ts';
import { openEngineStore } from '../../electron/engine/open-engine-store.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { expectSound } from './store-checks.ts';
import { withDirectory } from './store-samples.ts';
import { isOneVersion, SIZE, versionOf } from './versions.ts';

/** Shared by the tests of this file; it does not keep Node alive. */
const pool = createWorkerPool(2);

interface Workshop {
  readonly folder: string;
  readonly store: Store;
  build(): Promise<ReadonlyMap<string, Buffer>>;
}

/** A project whose Dockerfile copies everything, and what its image then holds. */
function withProject(work: (workshop: Workshop) => Promise<void>): Promise<void> {
  return withDirectory(async (directory) => {
    const folder = join(directory, 'project');
    mkdirSync(folder);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    writeFileSync(join(folder, '.dockerignore'), '*\n!file-*\n*.new\n');
    const store = await openEngineStore(join(directory, 'store'), pool, () => new Date());
    const request = { folder, tags: ['app'], buildArgs: {}, labels: {}, noCache: false } as const;
    try {
      await work({
        folder,
        store,
        async build() {
          const { id } = await build(
            servicesOver(store, pool),
            { ...request, trigger: { kind: 'manual' } },
            { onEvents: () => undefined },
          );
          return filesOf(store, id as Digest);
        },
      });
    } finally {
      store.close();
    }
  });
}

/** The files of an image, read from the blobs; what the tables of contents say of them must be true. */
async function filesOf(store: Store, image: Digest): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const { diffId } of (await readImage(store, image)).layers) {
    const tar = readFileSync(store.blobs.path(diffId));
    for (const entry of await store.layers.toc(diffId)) {
      if (entry.type !== 'file') continue;
      const bytes = tar.subarray(entry.offset!, entry.offset! + entry.size);
      expect(hash('sha256', bytes), entry.path).toBe(entry.digest);
      files.set(entry.path, bytes);
    }
  }
  return files;
}

describe('files that change while they are read', () => {
  test('each build fails plainly, or makes an image of whole versions', { timeout: 600_000 }, () =>
    withProject(async ({ folder, store, build }) => {
      const files = Array.from({ length: 24 }, (_, i) => `file-${i}`);
      for (const [i, file] of files.entries()) writeFileSync(join(folder, file), versionOf(i, SIZE));
      const stop = new SharedArrayBuffer(4);
      const writer = new Worker(new URL('./context-writer.ts', import.meta.url), {
        workerData: { folder, files, seed: 20_261_004, stop },
      });
      const codes = new Map<string, number>();
      let built = 0;
      try {
        for (let round = 0; round < 200 && (built < 10 || codes.size === 0 || round < 60); round++) {
          const before = store.references.list();
          try {
            const image = await build();
            built++;
            for (const [path, bytes] of image) expect(isOneVersion(bytes), path).toBe(true);
          } catch (error) {
            if (!(error instanceof EngineError)) throw error;
            expect(error.message).toMatch(/^"(?:\/.*\/)?file-\d+" changed while the build was reading it\.$/);
            expect(error.range?.startLine).toBe(2);
            codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
            expect(store.references.list()).toEqual(before);
          }
        }
      } finally {
        Atomics.store(new Int32Array(stop), 0, 1);
        await writer.terminate();
      }
      expect([...codes.keys()]).toEqual(['CONTEXT_FILE_CHANGED']);
      expect(built).toBeGreaterThanOrEqual(10);
      expectSound(store);
      for (const bytes of (await build()).values()) expect(isOneVersion(bytes)).toBe(true);
      console.log(
        `${built} builds made an image, ${codes.get('CONTEXT_FILE_CHANGED')} said what had changed`,
      );
    }),
  );

  test('a file that changed so quickly that its times are the same is told by its bytes', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'file');
      writeFileSync(path, 'after');
      const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
      const source = {
        kind: 'host',
        path,
        stamp: { dev, ino, size, mtimeMs, ctimeMs },
        recent: true,
      } as const;
      const entry = {
        path: 'file',
        type: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 0,
        size,
        source,
      } as const;
      const write = (digest: string): Promise<unknown> =>
        writeLayer(pool, { entries: [{ ...entry, digest }], path: join(directory, 'layer.tar') });
      await expect(write(hash('sha256', 'befor'))).rejects.toMatchObject({ code: 'CONTEXT_FILE_CHANGED' });
      await expect(write(hash('sha256', 'after'))).resolves.toBeDefined();
    }));
});

describe('changes between two builds that are easily missed', () => {
  test.each([
    ['at once', 0],
    ['of a file that was old', 1_000],
  ])('as many bytes and the same time of change, %s', (_, pause) =>
    withProject(async ({ folder, build }) => {
      const path = join(folder, 'file-a');
      const time = new Date('2024-01-02T03:04:05Z');
      for (let version = 0; version < 6; version++) {
        writeFileSync(path, versionOf(version, 800));
        utimesSync(path, time, time);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
        expect((await build()).get('file-a')).toEqual(versionOf(version, 800));
        expect((await build()).get('file-a')).toEqual(versionOf(version, 800));
      }
    }),
  );

  test('a file that is replaced by one of the same size and time', () =>
    withProject(async ({ folder, build }) => {
      const time = new Date('2024-01-02T03:04:05Z');
      for (const [version, name] of ['file-a', 'file-b', 'file-a'].entries()) {
        writeFileSync(join(folder, 'file-a'), versionOf(version, 500));
        writeFileSync(join(folder, 'file-b'), versionOf(version + 10, 500));
        for (const file of ['file-a', 'file-b']) utimesSync(join(folder, file), time, time);
        const image = await build();
        expect(image.get('file-a'), name).toEqual(versionOf(version, 500));
        expect(image.get('file-b'), name).toEqual(versionOf(version + 10, 500));
      }
    }));
});
