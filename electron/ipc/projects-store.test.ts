import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProjectsStore, defaultTag } from './projects-store.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-projects-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('createProjectsStore', () => {
  test('remembers projects, newest first, across openings', async () => {
    const projects = createProjectsStore(root);
    const one = await projects.add('/work/One App', 'Dockerfile');
    await projects.add('/work/two', 'dev.Dockerfile');
    const again = await createProjectsStore(root).list();
    expect(again.map(({ folder, options }) => [folder, options])).toEqual([
      ['/work/two', { dockerfile: 'dev.Dockerfile', tags: ['two:latest'] }],
      ['/work/One App', { dockerfile: 'Dockerfile', tags: ['one-app:latest'] }],
    ]);
    expect(one.id).toMatch(/^[0-9a-f]{16}$/);
    expect(await projects.get(one.id)).toEqual(one);
  });

  test('adding a folder again keeps its options and takes the Dockerfile chosen now', async () => {
    const projects = createProjectsStore(root);
    const { id } = await projects.add('/work/one', 'Dockerfile');
    await projects.setOptions(id, { tags: ['mine:1'], target: 'test' });
    await projects.add('/work/two', 'Dockerfile');
    const again = await projects.add('/work/one', 'dev.Dockerfile');
    expect(again).toEqual({
      id,
      folder: '/work/one',
      options: { dockerfile: 'dev.Dockerfile', tags: ['mine:1'], target: 'test' },
    });
    expect((await projects.list()).map(({ folder }) => folder)).toEqual(['/work/one', '/work/two']);
  });

  test('options always have a Dockerfile and tags', async () => {
    const projects = createProjectsStore(root);
    const { id } = await projects.add('/work/one', 'dev.Dockerfile');
    const { options } = await projects.setOptions(id, { target: 'x' });
    expect(options).toEqual({ dockerfile: 'dev.Dockerfile', tags: ['one:latest'], target: 'x' });
  });

  test('many changes at once are all kept', async () => {
    const projects = createProjectsStore(root);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => projects.add(`/work/p${index}`, 'Dockerfile')),
    );
    expect(await projects.list()).toHaveLength(30);
    expect(await readdir(root)).toEqual(['projects.json']);
  });

  test('removes, and says what is not there', async () => {
    const projects = createProjectsStore(root);
    const { id } = await projects.add('/work/one', 'Dockerfile');
    await projects.remove(id);
    await projects.remove(id);
    await expect(projects.get(id)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    await expect(projects.setOptions(id, {})).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });

  test.each([
    '',
    'not json',
    '{}',
    '{"version": 9, "projects": []}',
    '{"version": 1, "projects": [{"folder": 3}]}',
  ])('puts a file it cannot read aside: %s', async (text) => {
    await writeFile(join(root, 'projects.json'), text);
    const projects = createProjectsStore(root);
    expect(await projects.list()).toEqual([]);
    await projects.add('/work/one', 'Dockerfile');
    expect(await projects.list()).toHaveLength(1);
    expect(await readFile(join(root, 'projects.json.unreadable'), 'utf8')).toBe(text);
  });
});

test.each([
  ['/work/app', 'app:latest'],
  ['/work/My App', 'my-app:latest'],
  ['/work/__x__', 'x:latest'],
  ['/work/Ünïcode', 'n-code:latest'],
  ['/work/日本', 'app:latest'],
  ['/', 'app:latest'],
  [`/work/${'a'.repeat(99)}-b`, `${'a'.repeat(99)}:latest`],
])('the tag for %s is %s', (folder, tag) => {
  expect(defaultTag(folder)).toBe(tag);
});
