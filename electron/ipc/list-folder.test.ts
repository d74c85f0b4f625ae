import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { listFolder } from './list-folder.ts';

test('lists folders first, then what can be dropped; hidden and other files are left out', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'slipway-list-')));
  for (const name of ['b', 'a', '.hidden']) await mkdir(join(root, name));
  for (const name of ['a/Dockerfile', 'image.tar', 'dev.Dockerfile', 'notes.txt'])
    await writeFile(join(root, name), '');
  expect(await listFolder(root)).toEqual({
    path: root,
    parent: dirname(root),
    entries: [
      { name: 'a', path: join(root, 'a'), kind: 'folder', hasDockerfile: true },
      { name: 'b', path: join(root, 'b'), kind: 'folder', hasDockerfile: false },
      { name: 'dev.Dockerfile', path: join(root, 'dev.Dockerfile'), kind: 'file', hasDockerfile: false },
      { name: 'image.tar', path: join(root, 'image.tar'), kind: 'file', hasDockerfile: false },
    ],
  });
  await rm(root, { recursive: true });
});

test('begins at home; the root has no parent', async () => {
  expect((await listFolder()).path).toBe(await realpath(homedir()));
  expect(await listFolder('/')).not.toHaveProperty('parent');
});

test.each(['relative', '', 'a\0b'])('refuses %j', async (path) => {
  await expect(listFolder(path)).rejects.toMatchObject({ code: 'FOLDER_REFUSED' });
});
