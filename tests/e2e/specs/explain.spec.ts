import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { ProjectsPage } from '../pages/projects-page.ts';
import { makeProject } from '../support/sample-project.ts';

test('a rebuild says beforehand what will run, and afterwards why it ran, also in an old build', async ({
  app,
  hostKind,
  scratch,
}) => {
  const { page } = app;
  const window = new AppWindow(page, hostKind);
  const build = new BuildPage(page);
  const project = await makeProject(join(scratch, 'shop'), 20);
  await window.give(project);
  await expect(build.outcome('succeeded')).toBeVisible({ timeout: 30_000 });
  await expect(build.misses).toHaveCount(0);

  await writeFile(join(project, 'pages/section-3/page-3.html'), 'changed');
  await build.rebuild.hover();
  await expect(build.forecast).toContainText('1 will run, 2 may run: pages/section-3/page-3.html changed');
  await build.rebuild.click();
  await expect(build.misses).toHaveCount(3);
  await expect(build.outcome('succeeded')).toBeVisible();

  await window.goTo('Builds');
  await page.getByRole('table').locator('[data-row]').first().click();
  await build.misses.first().click();
  await expect(page.getByText('Because pages/section-3/page-3.html changed.')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: /^~\s*changed:\s*pages/ })).toHaveCount(1);
  await build.misses.last().click();
  await page.getByRole('button', { name: 'Show step 2 of assets' }).last().click();
  await expect(build.steps.filter({ hasText: 'COPY pages/' })).toBeFocused();
});

test('the Build button of a project says what it would do when it has the focus', async ({
  app,
  hostKind,
  scratch,
}) => {
  const window = new AppWindow(app.page, hostKind);
  const build = new BuildPage(app.page);
  await window.give(await makeProject(join(scratch, 'shop'), 20));
  await expect(build.outcome('succeeded')).toBeVisible({ timeout: 30_000 });
  await window.goTo('Projects');
  await new ProjectsPage(app.page).row('shop').locator('[data-row]').focus();
  await app.page.keyboard.press('Tab');
  while (
    !(await app.page
      .getByRole('button', { name: 'Build shop' })
      .evaluate((it) => it === document.activeElement))
  )
    await app.page.keyboard.press('Tab');
  await expect(build.forecast).toContainText('All 4 steps cached');
});
