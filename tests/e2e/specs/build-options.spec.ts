import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { accessibilityFaults } from '../support/axe.ts';

test('a secret, another context and no network are given by the options, and the secret stays out of the store', async ({
  app,
  hostKind,
  scratch,
}) => {
  const { page } = app;
  const window = new AppWindow(page, hostKind);
  const build = new BuildPage(page);
  const project = join(scratch, 'private');
  const secret = 'correct-horse-battery-staple';
  await mkdir(project);
  await mkdir(join(scratch, 'shared'));
  await copyFile('/bin/busybox', join(project, 'busybox'));
  await writeFile(join(scratch, 'token'), secret);
  await writeFile(join(scratch, 'shared', 'note'), 'from elsewhere\n');
  const dockerfile = join(project, 'Dockerfile');
  // The folder is known to the window from the first build on, which nothing has been given to yet.
  await writeFile(dockerfile, 'FROM\n');
  await window.give(project);
  await expect(build.failure).toBeVisible({ timeout: 30_000 });
  await writeFile(
    dockerfile,
    `FROM scratch
COPY busybox /bin/sh
COPY --from=shared note /note
RUN --mount=type=secret,id=token,required wc -c < /run/secrets/token; ls /sys/class/net
`,
  );

  await window.goTo('Projects');
  await page.getByRole('button', { name: 'More for private' }).click();
  await page.getByRole('menuitem', { name: 'Build options…' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByText('Secrets, ssh, network and other contexts').click();
  await sheet.getByRole('button', { name: 'Add a secret' }).click();
  await sheet.getByRole('textbox', { name: 'Id of the secret' }).fill('token');
  const file = sheet.getByRole('textbox', { name: 'File of the secret' });
  await file.fill('token');
  await expect(sheet.getByRole('status')).toHaveText('The secret token needs the full path of its file.');
  await expect(sheet.getByRole('button', { name: 'Build', exact: true })).toBeDisabled();
  await file.fill(join(scratch, 'token'));
  await sheet.getByRole('button', { name: 'Add a build context' }).click();
  await sheet.getByRole('textbox', { name: 'Name of the build context' }).fill('shared');
  await sheet.getByRole('textbox', { name: 'Source of the build context' }).fill('../shared');
  await sheet.getByRole('checkbox', { name: 'Run commands without network' }).check();
  await expect(sheet).toContainText(`--secret id=token,src=${join(scratch, 'token')} --network none`);
  expect(await accessibilityFaults(page)).toEqual([]);
  await sheet.getByRole('button', { name: 'Build', exact: true }).click();

  await expect(build.outcome('succeeded')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('log')).toContainText(new RegExp(`${secret.length}\\s*lo\\s*built in`));
  expect(spawnSync('grep', ['-r', secret, join(scratch, 'store')]).status).toBe(1);
});
