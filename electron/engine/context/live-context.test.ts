import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { FileTree } from '../layer/file-tree.ts';
import type { PathChange } from './apply-changes.ts';
import { createLiveContext } from './live-context.ts';
import { splitPattern } from '../base/patterns.ts';
import { directPool, testFolder } from './test-context.ts';

/** Long enough ago that a later change shows in the times. */
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

function setUp(files: Readonly<Record<string, string>>, ignore: readonly string[] = []) {
  const folder = testFolder(files);
  for (const path of Object.keys(files)) {
    if (!files[path]!.startsWith('-> ')) utimesSync(join(folder.root, path), LONG_AGO, LONG_AGO);
  }
  // Read long after they were written, else their digests do not count for long.
  const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  const pool = directPool();
  const options = { root: folder.root, label: 'the context', patterns: ignore.map(splitPattern), pool };
  const live = createLiveContext();
  return {
    pool,
    live,
    at: (path: string) => join(folder.root, path),
    /** What a build would see. */
    tree: async () => (await live.tree(options)).tree,
    /** The same by a walk. */
    walked: async () => (await createLiveContext().tree(options)).tree,
    update: (...paths: readonly (string | readonly [string, PathChange])[]) =>
      live.update(
        new Map(paths.map((path) => (typeof path === 'string' ? ([path, 'below'] as const) : path))),
      ),
    [Symbol.dispose]() {
      later.mockRestore();
      folder[Symbol.dispose]();
    },
  };
}

/** Everything a tree says, read as a COPY of everything does. */
async function all(tree: FileTree): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const visit = async (path: string): Promise<void> => {
    const children = tree.children(path);
    const digests = await tree.digests(children.filter(({ type }) => type === 'file'));
    for (const { path, type, mode, size, mtime, linkname, inode } of children) {
      found.push({ path, type, mode, size, mtime, linkname, inode });
    }
    found.push(digests);
    for (const child of children) if (child.type === 'dir') await visit(child.path);
  };
  await visit('');
  return found;
}

describe('a live context', () => {
  test('walks once, and then looks only where something changed', async () => {
    using project = setUp({ 'src/a': 'a', 'src/b': 'b', 'docs/c': 'c' });
    await all(await project.tree());
    appendFileSync(project.at('src/a'), 'more');
    // Not told, so not looked at.
    rmSync(project.at('docs/c'));
    expect(await project.update(['src/a', 'entry'])).toEqual(['src/a']);
    const tree = await project.tree();
    expect(tree.get('src/a')?.size).toBe(5);
    expect(tree.get('docs/c')).toBeDefined();
    await all(tree);
    expect(project.pool.ran.filter((job) => job === 'context.walk')).toHaveLength(1);
  });

  test.each<[string, (at: (path: string) => string) => void, readonly string[], readonly string[]]>([
    ['a new file', (at) => writeFileSync(at('src/new'), 'n'), ['src/new'], ['src/new']],
    ['a removed file', (at) => rmSync(at('src/a')), ['src/a'], ['src/a']],
    ['another mode', (at) => chmodSync(at('src/a'), 0o700), ['src/a'], ['src/a']],
    ['the same bytes again', (at) => writeFileSync(at('src/a'), 'a'), ['src/a'], []],
    ['other times', (at) => utimesSync(at('src/a'), 5, 5), ['src/a'], []],
    [
      'a folder in the place of a file',
      (at) => (rmSync(at('src/a')), mkdirSync(at('src/a')), writeFileSync(at('src/a/in'), 'x')),
      ['src/a'],
      ['src/a', 'src/a/in'],
    ],
    [
      'a folder that was moved',
      (at) => renameSync(at('src'), at('lib')),
      ['src', 'lib'],
      ['lib', 'lib/a', 'lib/deep', 'lib/deep/b', 'src'],
    ],
    ['another target', (at) => (rmSync(at('link')), symlinkSync('src/deep', at('link'))), ['link'], ['link']],
    ['another name of a file', (at) => linkSync(at('src/a'), at('same')), ['same'], ['same']],
    [
      'a change through another name',
      (at) => appendFileSync(at('hard/two'), '!'),
      ['hard/two'],
      ['hard/one', 'hard/two'],
    ],
    [
      'an exception in an ignored folder',
      (at) => writeFileSync(at('out/keep'), '1'),
      ['out/keep'],
      ['out', 'out/keep'],
    ],
    ['what is ignored', (at) => writeFileSync(at('out/other'), '1'), ['out/other'], []],
  ])('%s', async (_name, edit, told, expected) => {
    using project = setUp(
      { 'src/a': 'a', 'src/deep/b': 'b', link: '-> src', 'hard/one': '1', 'out/other': 'o' },
      ['out', '!out/keep'],
    );
    linkSync(project.at('hard/one'), project.at('hard/two'));
    await all(await project.tree());
    edit(project.at);
    expect([...((await project.update(...told)) ?? ['unknown'])].sort()).toEqual(expected);
    expect(await all(await project.tree())).toEqual(await all(await project.walked()));
  });

  test('a tree that a build has stays as it is', async () => {
    using project = setUp({ 'src/a': 'a' });
    await project.tree();
    await project.update('src/a');
    const before = await project.tree();
    rmSync(project.at('src/a'));
    await project.update('src/a');
    expect(before.get('src/a')).toBeDefined();
    expect((await project.tree()).get('src/a')).toBeUndefined();
  });

  test('all of it: nothing touched is no change, anything touched may be one', async () => {
    using project = setUp({ 'src/a': 'a' });
    await all(await project.tree());
    expect(await project.live.update('everything')).toEqual([]);
    utimesSync(project.at('src/a'), 5, 5);
    expect(await project.live.update('everything')).toBeUndefined();
    expect(await all(await project.tree())).toEqual(await all(await project.walked()));
  });

  test('a file that changes while it is compared puts all of it in doubt', async () => {
    using project = setUp({ 'src/a': 'a', 'src/b': 'b' });
    await all(await project.tree());
    writeFileSync(project.at('src/a'), 'x');
    const run = project.pool.run.bind(project.pool);
    project.pool.run = (job, input, options) => {
      if (job === 'context.hashFiles') writeFileSync(project.at('src/a'), 'yy');
      return run(job, input, options);
    };
    await expect(project.update('src/a')).rejects.toMatchObject({ code: 'CONTEXT_FILE_CHANGED' });
    project.pool.run = run;
    writeFileSync(project.at('src/b'), 'not told');
    expect(await project.update('src/a')).toBeUndefined();
    expect(await all(await project.tree())).toEqual(await all(await project.walked()));
  });

  test('knows what the last build asked about', async () => {
    using project = setUp({ 'src/a': 'a', 'src/b': 'b', 'docs/c': 'c', 'one.txt': '1', 'two.md': '2' });
    const tree = await project.tree();
    await tree.digests(tree.children('src').filter(({ path }) => path === 'src/a'));
    expect(tree.get('one.txt')).toBeDefined();
    const concerned = ['src/a', 'src/b', 'src/new', 'src/new/deep', 'docs/c', 'one.txt', 'two.md'];
    expect(concerned.filter(project.live.concerns)).toEqual(['src/a', 'src/new', 'src/new/deep', 'one.txt']);
  });
});
