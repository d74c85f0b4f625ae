import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { ProjectsPage } from '../pages/projects-page.ts';
import { makeProject } from '../support/sample-project.ts';

test('a save builds again, and the window shows the new build with what was saved', async ({
  app,
  scratch,
  hostKind,
}) => {
  const { page } = app;
  const folder = await makeProject(join(scratch, 'site'), 20);
  const build = new BuildPage(page);
  const projects = new ProjectsPage(page);
  await new AppWindow(page, hostKind).give(folder);
  await expect(build.outcome('succeeded')).toBeVisible();

  await page.keyboard.press('ControlOrMeta+E');
  await expect(page.getByRole('button', { name: 'Watch site: Watching' })).toBeVisible();
  await appendFile(join(folder, 'app.conf'), 'followed\n');
  await expect(page.getByRole('main').locator('header').getByText('app.conf')).toBeVisible();
  await appendFile(join(folder, 'app.conf'), 'more\n');
  await page.getByRole('navigation').getByRole('button', { name: 'Builds' }).click();
  await expect(page.getByRole('cell', { name: 'app.conf', exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'site', exact: true }).first().click();
  await expect(page.getByRole('main').locator('header').getByText('app.conf')).toBeVisible();
  await writeFile(join(folder, 'pages/section-1/page-1.html'), '<p>Saved</p>\n');
  await expect(page.getByRole('main').locator('header').getByText('page-1.html')).toBeVisible();
  await expect(build.outcome('succeeded')).toBeVisible();

  await page.getByRole('navigation').getByRole('button', { name: 'Projects' }).click();
  const row = projects.row('site');
  await page.getByRole('button', { name: 'More for site' }).click();
  await page.getByRole('menuitem', { name: 'Pause building on save' }).click();
  await expect(row.getByRole('button', { name: 'Watch site: Paused' })).toBeVisible();
  await appendFile(join(folder, 'app.conf'), 'while paused\n');
  await expect(row.getByRole('status')).toHaveText('Saved: app.conf');
  await page.reload();
  await expect(row.getByRole('button', { name: 'Watch site: Paused' })).toBeVisible();
  await row.getByRole('button', { name: 'Watch site' }).click();
  await expect(row.getByRole('button', { name: 'Watch site', exact: true })).toHaveAttribute(
    'aria-pressed',
    'false',
  );
});
