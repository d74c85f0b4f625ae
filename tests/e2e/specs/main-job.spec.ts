import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { ImagesPage } from '../pages/images-page.ts';
import { ProjectsPage } from '../pages/projects-page.ts';
import { makeProject } from '../support/sample-project.ts';

test('a dropped folder becomes an image that another tool reads', async ({ app, hostKind, scratch }) => {
  const window = new AppWindow(app.page, hostKind);
  const build = new BuildPage(app.page);
  const images = new ImagesPage(app.page);
  await window.give(await makeProject(join(scratch, 'shop')));

  await expect(build.outcome('succeeded')).toBeVisible({ timeout: 30_000 });
  await expect(build.steps.filter({ hasText: 'built' })).toHaveCount(4);

  await build.image('shop:latest').click();
  await expect(images.heading).toHaveText('shop:latest');
  await expect(images.history.filter({ hasText: 'COPY /site/ /srv/ # buildkit' })).toHaveCount(1);

  const inspected = execFileSync('skopeo', ['inspect', `oci:${join(scratch, 'store')}:shop:latest`], {
    encoding: 'utf8',
  });
  expect((JSON.parse(inspected) as { Labels: unknown }).Labels).toEqual({ 'org.example.greeting': 'hello' });
});

test('building again takes every step from the cache and makes the same image', async ({
  app,
  hostKind,
  scratch,
}) => {
  const window = new AppWindow(app.page, hostKind);
  const build = new BuildPage(app.page);
  const index = (): Promise<string> => readFile(join(scratch, 'store', 'index.json'), 'utf8');
  await window.give(await makeProject(join(scratch, 'shop')));
  await expect(build.outcome('succeeded')).toBeVisible({ timeout: 30_000 });
  const first = await index();
  await build.rebuild.click();
  await expect(build.steps.filter({ hasText: 'cache hit' })).toHaveCount(4);
  await expect(build.outcome('succeeded')).toBeVisible();
  expect(await index()).toBe(first);

  await window.goTo('Projects');
  await expect(new ProjectsPage(app.page).row('shop')).toContainText('succeeded');
  await window.goTo('Builds');
  await expect(app.page.getByRole('table').locator('tbody').getByRole('row')).toHaveCount(2);
});

test('a mistake in the Dockerfile is shown where it is, and mended by saving and retrying', async ({
  app,
  hostKind,
  scratch,
}) => {
  const window = new AppWindow(app.page, hostKind);
  const build = new BuildPage(app.page);
  const project = await makeProject(join(scratch, 'shop'), 20);
  const file = join(project, 'Dockerfile');
  const good = await readFile(file, 'utf8');
  await writeFile(file, good.replace('COPY app.conf', 'COPY missing.conf'));
  await window.give(project);
  await expect(build.failure).toContainText('missing.conf', { timeout: 30_000 });
  await expect(build.outcome('failed')).toBeVisible();
  await writeFile(file, good);
  await build.failure.getByRole('button', { name: 'Retry', exact: true }).click();
  await expect(build.outcome('succeeded')).toBeVisible();
});

test('tags are added, moved away and put back', async ({ app, hostKind, scratch }) => {
  const window = new AppWindow(app.page, hostKind);
  const images = new ImagesPage(app.page);
  await window.give(await makeProject(join(scratch, 'shop'), 20));
  await expect(new BuildPage(app.page).outcome('succeeded')).toBeVisible({ timeout: 30_000 });
  await window.goTo('Images');
  await images.tag('shop:latest', 'shop:1.0');
  await expect(images.rows).toHaveCount(1);
  await expect(images.rows).toContainText('shop:1.0');
  await images.removeTag('shop:latest').click();
  await expect(images.removeTag('shop:latest')).toBeHidden();
  await window.notifications.getByRole('button', { name: 'Undo' }).click();
  await expect(images.removeTag('shop:latest')).toBeVisible();
});

test('what cannot be used is refused with the reason', async ({ app, hostKind, scratch }) => {
  const window = new AppWindow(app.page, hostKind);
  execFileSync('mkfifo', [join(scratch, 'pipe')]);
  await window.give(join(scratch, 'pipe'));
  await expect(window.notifications).toContainText('This is a named pipe, not a folder or a file.');
  await expect(new ProjectsPage(app.page).emptyText).toBeVisible();
});
