import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../../fixture.ts';
import { AppWindow } from '../../pages/app-window.ts';
import { ProjectsPage } from '../../pages/projects-page.ts';

/** What only the desktop app does: menu, dialogs, a second start. */
async function project(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY a /a\n');
  await writeFile(join(folder, 'a'), 'a');
  return folder;
}

test('the menu has every command, and choosing one presses its key', async ({ app }) => {
  const menu = await app.control!.menu();
  expect(menu.map(({ label }) => label)).toEqual(['&File', 'editMenu', '&Build', '&View', 'windowMenu']);
  await expect(new ProjectsPage(app.page).heading).toBeVisible();
  await app.control!.chooseMenuItem('Images');
  await expect(app.page.getByRole('heading', { level: 1, name: 'Images' })).toBeVisible();
  await app.control!.chooseMenuItem('Projects');
  await expect(new ProjectsPage(app.page).heading).toBeVisible();
});

test('choosing a folder asks with the native dialog; closing it changes nothing', async ({ app }) => {
  const projects = new ProjectsPage(app.page);
  await app.control!.answerDialogs([null]);
  await projects.chooseFolder.click();
  await expect.poll(async () => (await app.control!.shown()).dialogs).toEqual(['Choose a project folder']);
  await expect(projects.emptyText).toBeVisible();
});

test('a second start brings its folder into the window, and builds nothing', async ({ app, scratch }) => {
  const projects = new ProjectsPage(app.page);
  await expect(projects.emptyText).toBeVisible();
  await project(join(scratch, 'second'));
  await app.control!.secondInstance(['electron', '.', '--inspect', 'second', 'missing'], scratch);
  await expect(projects.row('second')).toBeVisible();
  await expect(projects.rows).toHaveCount(1);
  await expect(projects.row('second')).toContainText(/not built/i);
});

test('a second start with a folder that is no project says why', async ({ app, scratch }) => {
  await mkdir(join(scratch, 'empty'));
  await app.control!.secondInstance(['electron', '.', 'empty'], scratch);
  await expect.poll(async () => (await app.control!.shown()).errorBoxes).toHaveLength(1);
  expect((await app.control!.shown()).errorBoxes[0]).toContain('There is no Dockerfile in this folder.');
});

test('who looks elsewhere is told that the build has ended', async ({ app, hostKind, scratch }) => {
  await expect(new ProjectsPage(app.page).emptyText).toBeVisible();
  await app.control!.setFocused(false);
  await new AppWindow(app.page, hostKind).give(await project(join(scratch, 'shop')));
  await expect
    .poll(async () => (await app.control!.shown()).notifications)
    .toEqual([{ title: 'shop is built', body: 'docker.io/library/shop:latest' }]);
});

test('closing the window lets a build end, and then the app ends', async ({ app, hostKind, scratch }) => {
  const folder = await project(join(scratch, 'big'));
  await writeFile(join(folder, 'a'), Buffer.alloc(100_000_000, 1));
  await new AppWindow(app.page, hostKind).give(folder);
  await expect(app.page.getByRole('heading', { level: 1, name: 'big' })).toBeVisible();
  expect(await app.close()).toBe(0);
  expect(await readFile(join(scratch, 'store/index.json'), 'utf8')).toContain('big:latest');
});
