import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { watchFolder, type WatchedFolder, type WatchedFolderOptions } from '../support/watched-folder.ts';

/** Real folders, the real watcher and a real engine: what is saved is what is built. */

const FILES: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM scratch\nCOPY src /src\nCOPY *.txt /\n',
  '.dockerignore': 'node_modules\n**/*.log\n',
  'src/app.ts': 'one',
  'src/lib/util.ts': 'util',
  'note.txt': 'note',
  'README.md': 'read me',
  'node_modules/left/pad.js': 'pad',
};

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const open = (options: Partial<WatchedFolderOptions> = {}): Promise<WatchedFolder> =>
  watchFolder({ prepare: (folder) => write(folder, FILES), ...options });

/** Waits for the first build, and for what the check after subscribing comes to. */
async function settled(watched: WatchedFolder): Promise<void> {
  await watched.until(({ phase, number, unchanged }) => phase === 'watching' && number === 1 && unchanged);
}

/** Waits for a build after `edit`, and checks that it is what a build from scratch makes. */
async function rebuilt(watched: WatchedFolder, edit: () => void): Promise<readonly string[]> {
  const before = watched.builds.length;
  edit();
  await watched.until(({ phase }) => phase === 'watching' && watched.builds.length > before);
  const { files, summary } = watched.builds.at(-1)!;
  expect(summary?.outcome, summary?.error?.message).toBe('succeeded');
  expect(summary?.image?.id).toBe(await watched.fromScratch());
  return files;
}

/** Makes `edit`, and then one that is built: there was no build for the first. */
async function ignored(watched: WatchedFolder, edit: () => void): Promise<void> {
  const before = watched.builds.length;
  edit();
  await rebuilt(watched, () => appendFileSync(join(watched.folder, 'src/app.ts'), '.'));
  expect(watched.builds.slice(before).map(({ files }) => files)).toEqual([['src/app.ts']]);
}

describe('building on save', () => {
  test('what the build read is built again, and nothing else', async () => {
    await using watched = await open();
    await settled(watched);
    const at = (path: string): string => join(watched.folder, path);
    expect(await rebuilt(watched, () => writeFileSync(at('src/app.ts'), 'two'))).toEqual(['src/app.ts']);
    await ignored(watched, () => writeFileSync(at('README.md'), 'changed'));
    await ignored(watched, () => writeFileSync(at('node_modules/left/pad.js'), 'changed'));
    await ignored(watched, () => writeFileSync(at('src/debug.log'), 'log'));
    expect(await rebuilt(watched, () => chmodSync(at('note.txt'), 0o600))).toEqual(['note.txt']);
    expect(await rebuilt(watched, () => rmSync(at('src/lib/util.ts')))).toEqual(['src/lib/util.ts']);
    expect(await rebuilt(watched, () => write(watched.folder, { 'src/new/deep/a.ts': 'a' }))).toContain(
      'src/new/deep/a.ts',
    );
    expect(await rebuilt(watched, () => writeFileSync(at('src/new/deep/a.ts'), 'b'))).toEqual([
      'src/new/deep/a.ts',
    ]);
    await rebuilt(watched, () => renameSync(at('src/new'), at('src/moved')));
    expect(await rebuilt(watched, () => writeFileSync(at('src/moved/deep/a.ts'), 'c'))).toEqual([
      'src/moved/deep/a.ts',
    ]);
    await rebuilt(watched, () => symlinkSync('app.ts', at('src/link')));
    await rebuilt(watched, () => {
      rmSync(at('src/app.ts'));
      write(watched.folder, { 'src/app.ts/now-a-folder': 'x' });
    });
  });

  test('an atomic save is one change; the same bytes again are none', async () => {
    await using watched = await open();
    await settled(watched);
    const at = (path: string): string => join(watched.folder, path);
    const files = await rebuilt(watched, () => {
      writeFileSync(at('src/.app.ts.swp'), 'editor');
      writeFileSync(at('src/app.ts.tmp'), 'two');
      renameSync(at('src/app.ts.tmp'), at('src/app.ts'));
      rmSync(at('src/.app.ts.swp'));
    });
    expect(files).toEqual(['src/app.ts']);
    const before = watched.builds.length;
    writeFileSync(at('src/app.ts'), 'two');
    utimesSync(at('note.txt'), 1, 1);
    await watched.until(({ phase, unchanged }) => phase === 'watching' && unchanged);
    expect(watched.builds).toHaveLength(before);
  });

  test('Dockerfile and ignore file always count, and another ignore file is another context', async () => {
    await using watched = await open();
    await settled(watched);
    const at = (path: string): string => join(watched.folder, path);
    expect(
      await rebuilt(watched, () => writeFileSync(at('Dockerfile'), 'FROM scratch\nCOPY . /all\n')),
    ).toEqual(['Dockerfile']);
    expect(await rebuilt(watched, () => writeFileSync(at('.dockerignore'), '**/*.log\n'))).toEqual([
      '.dockerignore',
    ]);
    await watched.until(({ phase, unchanged }) => phase === 'watching' && unchanged);
    expect(await rebuilt(watched, () => writeFileSync(at('node_modules/left/pad.js'), 'new'))).toEqual([
      'node_modules/left/pad.js',
    ]);
    await rebuilt(watched, () => writeFileSync(at('.dockerignore'), 'src\n!src/lib\n'));
    await watched.until(({ phase, unchanged }) => phase === 'watching' && unchanged);
    await rebuilt(watched, () => writeFileSync(at('src/lib/util.ts'), 'excepted'));
    expect(await rebuilt(watched, () => rmSync(at('.dockerignore')))).toEqual(['.dockerignore']);
  });

  test('a Dockerfile outside the folder counts, and a folder that is a link may be another one', async () => {
    let place = '';
    await using watched = await open({
      dockerfile: '../docker/Dockerfile.dev',
      prepare(folder) {
        place = dirname(folder);
        write(place, { 'docker/Dockerfile.dev': 'FROM scratch\nCOPY src /src\n' });
        write(join(place, 'first'), FILES);
        write(join(place, 'second'), { ...FILES, 'src/second.ts': '2' });
        symlinkSync('first', folder);
      },
    });
    await settled(watched);
    await rebuilt(watched, () =>
      writeFileSync(join(place, 'docker/Dockerfile.dev'), 'FROM scratch\nCOPY src /other\n'),
    );
    await rebuilt(watched, () => {
      symlinkSync('second', join(place, 'next'));
      renameSync(join(place, 'next'), watched.folder);
    });
    await watched.until(({ phase, unchanged }) => phase === 'watching' && unchanged);
    expect(await rebuilt(watched, () => writeFileSync(join(place, 'second/src/second.ts'), '3'))).toEqual([
      'src/second.ts',
    ]);
  });

  test('a folder that goes away is said to be gone, and built when it is back', async () => {
    await using watched = await open();
    await settled(watched);
    renameSync(watched.folder, `${watched.folder}-away`);
    const state = await watched.until(({ phase }) => phase === 'failed');
    expect(state.error?.code).toBe('CONTEXT_NOT_FOUND');
    writeFileSync(join(`${watched.folder}-away`, 'src/app.ts'), 'elsewhere');
    await rebuilt(watched, () => renameSync(`${watched.folder}-away`, watched.folder));
    await rebuilt(watched, () => writeFileSync(join(watched.folder, 'src/lib/util.ts'), 'again'));
  });

  test('a failed build waits for the next save, whatever is saved', async () => {
    await using watched = await open();
    await settled(watched);
    const dockerfile = join(watched.folder, 'Dockerfile');
    writeFileSync(dockerfile, 'FROM scratch\nCOPY missing /\n');
    await watched.until(({ phase, number }) => phase === 'watching' && number === 2);
    expect(watched.builds.at(-1)?.summary?.outcome).toBe('failed');
    expect(await rebuilt(watched, () => writeFileSync(join(watched.folder, 'missing'), 'here'))).toEqual([
      'missing',
    ]);
  });

  test('while it is paused nothing is built; what was saved meanwhile is, afterwards', async () => {
    await using watched = await open();
    await settled(watched);
    watched.watch.pause();
    writeFileSync(join(watched.folder, 'src/app.ts'), 'two');
    const state = await watched.until(({ files }) => files.includes('src/app.ts'));
    expect(state.phase).toBe('paused');
    expect(watched.builds).toHaveLength(1);
    expect(await rebuilt(watched, () => watched.watch.resume())).toEqual(['src/app.ts']);
  });
});
