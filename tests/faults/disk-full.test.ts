import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { slipwayHere, type CommandResult } from '../conformance/bad-input/command-line.ts';
import { canMount, fill, free, withSmallDisk } from './small-disk.ts';
import { expectSound } from './store-checks.ts';

/** Bytes of the one layer: more than is ever left, less than is there when the disk is emptied. */
const LAYER = 3 * 1024 * 1024;
const DISK_MIB = 80;
/** From nothing at all to nearly enough. */
const LEFT_KIB = [0, 16, 64, 256, 1024, 2900];

let directory: string;
let project: string;
let archive: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-disk-full-'));
  project = join(directory, 'project');
  archive = join(directory, 'image.tar');
  mkdirSync(project);
  writeFileSync(join(project, 'Dockerfile'), 'FROM scratch\nCOPY big /\n');
  writeFileSync(join(project, 'big'), randomBytes(LAYER));
  const store = join(directory, 'store');
  await succeed(store, 'build', '-t', 'big', project);
  await succeed(store, 'save', '-o', archive, 'big');
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.runIf(canMount).each(LEFT_KIB)('a disk with %i KiB left', (kib) => {
  test.each([
    [
      'build',
      () => ['build', '-t', 'big', project],
      (store: string) => `The store at ${store} cannot be written: the disk is full.`,
    ],
    ['load', () => ['load', archive], () => 'more than is free where the store lies.'],
  ])('%s fails plainly and works once there is room', (_, words, says) =>
    withSmallDisk(DISK_MIB, async (disk) => {
      const store = join(disk, 'store');
      (await openStore({ root: store })).close();
      fill(disk, kib * 1024);

      expectFull(await run(store, ...words()), says(store));
      free(disk);
      const opened = await openStore({ root: store });
      expectSound(opened);
      expect(opened.images.list()).toEqual([]);
      expect(readdirSync(join(store, 'blobs/sha256'))).toEqual([]);
      opened.close();

      await succeed(store, ...words());
      expect((await run(store, 'images')).stdout).toContain('big:latest');
    }),
  );

  test('an output that does not fit is not there in part, and the image is not tagged', () =>
    withSmallDisk(DISK_MIB, async (disk) => {
      const store = join(dirname(disk), 'store');
      fill(disk, kib * 1024);
      for (const type of ['oci', 'docker', 'tar']) {
        const before = readdirSync(disk);
        const path = join(disk, 'image.tar');
        const result = await run(store, 'build', '-t', 'big', '-o', `type=${type},dest=${path}`, project);
        expectFull(result, `error: ${path} cannot be written: the disk is full.`);
        expect(readdirSync(disk)).toEqual(before);
        expect((await run(store, 'images', '--json')).stdout).toBe('[]\n');
      }
      const path = join(disk, 'files');
      const result = await run(store, 'build', '-t', 'big', '-o', path, project);
      expectFull(result, `${path}/big cannot be written: the disk is full.`);
    }));
});

function run(store: string, ...words: readonly string[]): Promise<CommandResult> {
  return slipwayHere(words, { cwd: directory, store });
}

async function succeed(store: string, ...words: readonly string[]): Promise<void> {
  const { code, stderr } = await run(store, ...words);
  expect(code, stderr).toBe(0);
}

/** Exit code 1 and one sentence about it. */
function expectFull({ code, stderr }: CommandResult, says: string): void {
  expect(code, stderr).toBe(1);
  const errors = stderr.split('\n').filter((line) => line.startsWith('error:'));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(says);
}
