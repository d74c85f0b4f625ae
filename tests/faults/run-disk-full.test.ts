import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { dockerArchive, SHELL } from './hostile-engine.ts';
import { canMount, fill, free, withSmallDisk } from './small-disk.ts';
import { livingThings, strayFiles } from './run-census.ts';
import { expectSound } from './store-checks.ts';
import { withDirectory } from './store-samples.ts';

/** RUN with a store whose disk is full, or becomes so. */

const DISK_MIB = 64;
const MIB = 1024 * 1024;
const BASE = 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n';
const WRITES = `${BASE}RUN busybox dd if=/dev/urandom of=/big bs=1M count=12\n`;

describe.runIf(canMount)('a disk that is full', () => {
  test('while a command writes: the command hears of it, and the next build works', () =>
    withStore(async ({ build, store }) => {
      const big = `${BASE}RUN busybox dd if=/dev/zero of=/big bs=1M count=200\n`;
      await expect(build(big)).rejects.toMatchObject({ code: 'RUN_FAILED' });
      expect(strayFiles(store)).toEqual([]);
      await build(`${BASE}RUN echo fits > /small`);
    }));

  // The command's file, the tar of it, the layer: each fits once more than the one before.
  test.each([
    ['nothing but the command', 14],
    ['what it changed, and not the layer', 27],
  ])('room for %s', (_, mebibytes) =>
    withStore(async ({ build, store, disk }) => {
      await build(`${BASE}RUN echo warm`);
      fill(disk, mebibytes * MIB);
      await expect(build(WRITES)).rejects.toMatchObject({
        code: expect.stringMatching(/^(RUN_LAYER|RUN_SPACE|STORE_FULL)$/) as string,
      });
      expect(strayFiles(store)).toEqual([]);
      free(disk);
      await build(WRITES);
    }),
  );

  test('a layer that is small until it is unpacked', () =>
    withStore(async ({ build, store, engine }) => {
      await withDirectory(async (folder) => {
        const path = join(folder, 'bomb.tar');
        const bomb = [{ name: 'zeros', data: Buffer.alloc(3 * DISK_MIB * MIB) }];
        writeFileSync(path, dockerArchive([SHELL, bomb], {}, gzipSync));
        const used = engine.images.load(path).then(() => build('FROM hostile\nRUN true\n'));
        await expect(used).rejects.toMatchObject({
          code: expect.stringMatching(/^(RUN_|STORE_FULL|IMAGE_ARCHIVE_TOO_LARGE)/) as string,
          message: expect.stringMatching(/full|free|does not fit/) as string,
        });
      });
      expect(strayFiles(store)).toEqual([]);
      await build(`${BASE}RUN echo fits > /small`);
    }));

  test.each([0, 64, 1024, 3 * 1024])('with %i KiB left when a command is to start', (kib) =>
    withStore(async ({ build, store, disk, place }) => {
      await build(`${BASE}RUN echo warm`);
      fill(disk, kib * 1024);
      const more = `${BASE}COPY busybox /again\nRUN echo x > /made\n`;
      await expect(build(more)).rejects.toMatchObject({
        code: expect.stringMatching(/^(RUN_|STORE_)/) as string,
        message: expect.stringMatching(/^[^\n]+$/) as string,
      });
      expect(strayFiles(store)).toEqual([]);
      expect(livingThings({ place, marker: 'no process of ours' }).filter(isNotTheDisk)).toEqual([]);
      free(disk);
      await build(more);
      const opened = await openStore({ root: store });
      expectSound(opened);
      opened.close();

      /** The disk itself is mounted, for every process. */
      function isNotTheDisk(line: string): boolean {
        return !line.includes(` ${disk} `);
      }
    }),
  );
});

interface Scene {
  /** Holds the disk and the project. */
  readonly place: string;
  readonly disk: string;
  readonly store: string;
  readonly engine: Engine;
  build(dockerfile: string): Promise<void>;
}

async function withStore(work: (scene: Scene) => Promise<void>): Promise<void> {
  await withDirectory((project) =>
    withSmallDisk(DISK_MIB, async (disk) => {
      mkdirSync(project, { recursive: true });
      copyFileSync('/bin/busybox', join(project, 'busybox'));
      const store = join(disk, 'store');
      const engine = await createEngine({ store });
      try {
        await work({ place: disk, disk, store, engine, build: (text) => build(engine, project, text) });
      } finally {
        await engine.close();
      }
    }),
  );
}

async function build(engine: Engine, folder: string, dockerfile: string): Promise<void> {
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  await engine.build(
    {
      ...{ folder, tags: [], buildArgs: {}, labels: {}, noCache: false },
      trigger: { kind: 'manual' },
    },
    { onEvents: () => undefined },
  );
}
