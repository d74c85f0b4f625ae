import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkerPool, type WorkerPool } from '../base/worker-pool.ts';
import { openContext } from './open-context.ts';
import { directPool, testFolder } from './test-context.ts';

describe('the folder', () => {
  test('may be a symbolic link, which is resolved once', async () => {
    using folder = testFolder({ 'real/Dockerfile': 'FROM scratch', 'real/a': '', link: '-> real' });
    const context = await openContext({ folder: join(folder.root, 'link'), pool: directPool() });
    expect(context.root).toBe(join(folder.root, 'real'));
    expect((await context.tree()).get('a')).toBeDefined();
  });

  test.each([
    ['none', 'CONTEXT_NOT_FOUND'],
    ['file', 'CONTEXT_NOT_DIRECTORY'],
    ['file/below', 'CONTEXT_NOT_DIRECTORY'],
    ['circle', 'CONTEXT_UNREADABLE'],
    ['dangling', 'CONTEXT_NOT_FOUND'],
  ])('%s: %s', async (name, code) => {
    using folder = testFolder({ file: '', circle: '-> circle', dangling: '-> gone' });
    await expect(openContext({ folder: join(folder.root, name), pool: directPool() })).rejects.toMatchObject({
      code,
    });
  });
});

describe('the Dockerfile', () => {
  test.each([
    [['Dockerfile', 'dockerfile', 'Containerfile'], undefined, 'Dockerfile'],
    [['dockerfile', 'Containerfile'], undefined, 'dockerfile'],
    [['Containerfile'], undefined, 'Containerfile'],
    [['Dockerfile', 'docker/prod.Dockerfile'], 'docker/prod.Dockerfile', 'docker/prod.Dockerfile'],
  ])('of %j, asked for %s, is %s', async (present, asked, expected) => {
    using folder = testFolder(Object.fromEntries(present.map((name) => [name, `# ${name}`])));
    const { dockerfile } = await openContext({ folder: folder.root, dockerfile: asked, pool: directPool() });
    expect(dockerfile).toMatchObject({ name: expected, path: join(folder.root, expected) });
    expect((await dockerfile.read()).toString()).toBe(`# ${expected}`);
  });

  test('may lie outside the context, and be ignored', async () => {
    using folder = testFolder({
      'app/a': '',
      'other/Dockerfile': 'one',
      'app/Dockerfile': 'two',
      'app/.dockerignore': '*',
    });
    const open = async (dockerfile?: string): Promise<string> => {
      const context = await openContext({ folder: join(folder.root, 'app'), dockerfile, pool: directPool() });
      return (await context.dockerfile.read()).toString();
    };
    expect(await open('../other/Dockerfile')).toBe('one');
    expect(await open(join(folder.root, 'other/Dockerfile'))).toBe('one');
    expect(await open()).toBe('two');
  });

  test('that is not there is an error that lists what may be meant', async () => {
    using folder = testFolder({
      'Dockerfile.prod': '',
      'web.Dockerfile': '',
      'Dockerfile.prod.dockerignore': '',
      'x/a': '',
    });
    await expect(openContext({ folder: folder.root, pool: directPool() })).rejects.toMatchObject({
      code: 'DOCKERFILE_NOT_FOUND',
      hint: 'Name one with --file; the folder has Dockerfile.prod, web.Dockerfile.',
    });
    await expect(openContext({ folder: join(folder.root, 'x'), pool: directPool() })).rejects.toMatchObject({
      code: 'DOCKERFILE_NOT_FOUND',
      hint: expect.stringContaining('Put a file named Dockerfile'),
    });
    await expect(
      openContext({ folder: folder.root, dockerfile: 'no/such', pool: directPool() }),
    ).rejects.toMatchObject({
      code: 'DOCKERFILE_NOT_FOUND',
      message: 'There is no Dockerfile at no/such.',
    });
  });

  test('that is no file, or far too large, is never read', async () => {
    using folder = testFolder({ 'dir/x': '' });
    execFileSync('mkfifo', [join(folder.root, 'pipe')]);
    execFileSync('truncate', ['-s', '1T', join(folder.root, 'large')]);
    const read = async (dockerfile: string): Promise<unknown> =>
      (await openContext({ folder: folder.root, dockerfile, pool: directPool() })).dockerfile.read();
    await expect(read('dir')).rejects.toMatchObject({ code: 'DOCKERFILE_UNREADABLE' });
    await expect(read('pipe')).rejects.toMatchObject({ code: 'DOCKERFILE_UNREADABLE' });
    await expect(read('/dev/zero')).rejects.toMatchObject({ code: 'DOCKERFILE_UNREADABLE' });
    await expect(read('large')).rejects.toMatchObject({ code: 'DOCKERFILE_TOO_LARGE' });
  });

  test('may vanish before it is read', async () => {
    using folder = testFolder({ Dockerfile: 'x' });
    const { dockerfile } = await openContext({ folder: folder.root, pool: directPool() });
    rmSync(dockerfile.path);
    await expect(dockerfile.read()).rejects.toMatchObject({ code: 'DOCKERFILE_NOT_FOUND' });
  });
});

describe('the ignore file', () => {
  const names = async (
    files: Readonly<Record<string, string>>,
    dockerfile?: string,
  ): Promise<readonly (string | undefined)[]> => {
    using folder = testFolder({ Dockerfile: '', a: '', b: '', ...files });
    const context = await openContext({ folder: folder.root, dockerfile, pool: directPool() });
    const tree = await context.tree();
    return [
      context.ignore.file,
      ...['a', 'b'].filter((name) => tree.get(name)),
      ...['a', 'b'].filter(context.isIgnored),
    ];
  };

  test('is .dockerignore, or the one named after the Dockerfile instead of it', async () => {
    expect(await names({})).toEqual([undefined, 'a', 'b']);
    expect(await names({ '.dockerignore': 'a' })).toEqual(['.dockerignore', 'b', 'a']);
    expect(await names({ '.dockerignore': 'a', 'Dockerfile.dockerignore': 'b' })).toEqual([
      'Dockerfile.dockerignore',
      'a',
      'b',
    ]);
    expect(await names({ 'x/D': '', 'x/D.dockerignore': 'b', '.dockerignore': 'a' }, 'x/D')).toEqual([
      'D.dockerignore',
      'a',
      'b',
    ]);
  });

  test('with a mistake is an error with its line', async () => {
    await expect(names({ '.dockerignore': 'a\n[' })).rejects.toMatchObject({
      code: 'CONTEXT_IGNORE_SYNTAX',
      file: '.dockerignore',
      range: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 2 },
    });
  });

  test('that is no file is an error', async () => {
    await expect(names({ '.dockerignore/x': '' })).rejects.toMatchObject({ code: 'CONTEXT_UNREADABLE' });
  });
});

test('the tree is walked only when it is asked for, and once', async () => {
  using folder = testFolder({ Dockerfile: '', a: '12345' });
  const pool = directPool();
  const context = await openContext({ folder: folder.root, pool });
  await context.dockerfile.read();
  expect([pool.ran, context.stats()]).toEqual([[], undefined]);
  expect(await context.tree()).toBe(await context.tree());
  expect(pool.ran).toEqual(['context.walk']);
  expect(context.stats()).toMatchObject({ files: 2, bytes: 5 });
});

test('what is left out is said, but not at endless length', async () => {
  using folder = testFolder({ Dockerfile: '' });
  for (let i = 10; i < 40; i++) execFileSync('mkfifo', [join(folder.root, `p${i}\n`)]);
  const context = await openContext({ folder: folder.root, pool: directPool() });
  await context.tree();
  expect(context.warnings()).toEqual([
    {
      code: 'CONTEXT_SPECIAL_FILE',
      message: expect.stringMatching(/^Sockets, pipes and devices .*: "p10\n", .*"p29\n" and 10 more\.$/s),
    },
  ]);
});

describe('in worker threads', () => {
  let pool: WorkerPool;
  beforeAll(() => void (pool = createWorkerPool(2)));
  afterAll(() => pool.close());

  test('walks and hashes the same as on one thread', async () => {
    using folder = testFolder({ Dockerfile: '', 'd/é': 'x', link: '-> d', 'big/b': 'y'.repeat(3_000_000) });
    using cache = testFolder();
    const listing = async (workers: WorkerPool, cacheFolder?: string): Promise<unknown> => {
      const tree = await (await openContext({ folder: folder.root, pool: workers, cacheFolder })).tree();
      const files = ['Dockerfile', 'd/é', 'big/b'].map((path) => tree.get(path)!);
      return [files, tree.get('link'), tree.children(''), await tree.digests(files)];
    };
    const expected = await listing(directPool());
    expect(await listing(pool, cache.root)).toEqual(expected);
    expect(await listing(pool, cache.root)).toEqual(expected);
  });

  test('fails with the code and the name', async () => {
    using folder = testFolder({ Dockerfile: '', a: 'x' });
    const tree = await (await openContext({ folder: folder.root, pool })).tree();
    const entry = tree.get('a')!;
    writeFileSync(join(folder.root, 'a'), 'xy');
    await expect(tree.digests([entry])).rejects.toMatchObject({ code: 'CONTEXT_FILE_CHANGED' });
  });

  test('a hundred thousand entries do not hold this thread', async () => {
    using folder = testFolder({ Dockerfile: '' });
    for (let d = 0; d < 100; d++) {
      mkdirSync(join(folder.root, `d${d}`));
      for (let f = 0; f < 1_000; f++) symlinkSync('x', join(folder.root, `d${d}`, `f${f}`));
    }
    const context = await openContext({ folder: folder.root, pool });
    const started = process.threadCpuUsage();
    const tree = await context.tree();
    expect(tree.children('d7')).toHaveLength(1_000);
    const { user, system } = process.threadCpuUsage(started);
    // Processor time of this thread alone: a busy machine does not matter.
    expect(user + system).toBeLessThan(150_000);
  });
});
