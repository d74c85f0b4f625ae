import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerRegistry, type DockerRegistry } from '../../integration/support/docker-registry.ts';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { ImagesPage } from '../pages/images-page.ts';
import { Transfers } from '../pages/transfers.ts';
import { repository } from '../support/app-process.ts';
import { accessibilityFaults } from '../support/axe.ts';
import { holdRegistry } from '../support/held-registry.ts';
import { makeProject } from '../support/sample-project.ts';

let registry: DockerRegistry;
/** The references of a small image in the registry, put there without the application. */
let first: string;
let second: string;

test.beforeAll(async () => {
  registry = await startDockerRegistry();
  first = `${registry.host}/first:1`;
  second = `${registry.host}/second:1`;
  const folder = await mkdtemp(join(tmpdir(), 'slipway-e2e-registry-'));
  const project = await makeProject(join(folder, 'shop'), 20);
  const slipway = [`${repository}electron/cli.ts`, '--store', join(folder, 'store')];
  for (const words of [
    ['build', '-q', '-t', first, '-t', second, project],
    ['push', first],
    ['push', second],
  ])
    execFileSync(process.execPath, [...slipway, ...words], { stdio: 'pipe' });
  await rm(folder, { recursive: true });
});
test.afterAll(() => registry.close());

test('a built image is pushed under another name, deleted, and pulled back', async ({
  app,
  hostKind,
  scratch,
}) => {
  const window = new AppWindow(app.page, hostKind);
  const images = new ImagesPage(app.page);
  const transfers = new Transfers(app.page);
  const name = `${registry.host}/team/shop:1`;
  await window.give(await makeProject(join(scratch, 'shop'), 20));
  await new BuildPage(app.page).image('shop:latest').click();

  await app.page.getByRole('button', { name: 'Push…' }).click();
  expect(await accessibilityFaults(app.page)).toEqual([]);
  await transfers.pushAs(name);
  const done = transfers.pushDialog.getByRole('status');
  await expect(done).toContainText(`Pushed to ${registry.host}.`);
  const digest = execFileSync(
    'skopeo',
    ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name}`],
    { encoding: 'utf8' },
  ).trim();
  await expect(done).toContainText(digest);
  expect(await accessibilityFaults(app.page)).toEqual([]);
  await transfers.pushDialog.getByRole('button', { name: 'Done' }).click();

  await images.chooseAction('More for this image', 'Delete…');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Delete image' }).click();
  await expect(app.page.getByText('No images yet')).toBeVisible();

  await transfers.pull(name);
  await expect(window.notifications).toContainText(`Pulled ${name}.`);
  await expect(transfers.pullDialog).toBeHidden();
  await expect(images.heading).toHaveText(name);
  await window.goTo('Images');
  await expect(images.rows).toHaveCount(1);
  await expect(images.rows).toContainText('pulled');
});

test('a pull is cancelled, and nothing of it stays', async ({ app, hostKind }) => {
  const window = new AppWindow(app.page, hostKind);
  const transfers = new Transfers(app.page);
  const held = await holdRegistry(registry.host);
  await window.goTo('Images');
  await transfers.pull(first.replace(registry.host, held.host));
  await held.asked;
  await expect(transfers.pullDialog.getByRole('progressbar')).toBeVisible();
  expect(await accessibilityFaults(app.page)).toEqual([]);
  await transfers.pullDialog.getByRole('button', { name: 'Cancel pull' }).click();
  await held.hungUp;
  await expect(transfers.pullDialog.getByRole('progressbar')).toBeHidden();
  await transfers.pullDialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(app.page.getByText('No images yet')).toBeVisible();
  await expect(transfers.background).toBeHidden();
  await held.close();
});

test('two pulls go on behind a closed dialog, and each says when it is done', async ({ app, hostKind }) => {
  const window = new AppWindow(app.page, hostKind);
  const images = new ImagesPage(app.page);
  const transfers = new Transfers(app.page);
  const held = await holdRegistry(registry.host);
  await window.goTo('Images');
  for (const name of [first, second]) {
    await transfers.pull(name.replace(registry.host, held.host));
    await app.page.keyboard.press('Escape');
    await expect(transfers.pullDialog).toBeHidden();
  }
  await expect(transfers.background.getByRole('progressbar')).toHaveCount(2);
  await window.goTo('Projects');
  await expect(transfers.background.getByRole('progressbar')).toHaveCount(2);
  expect(await accessibilityFaults(app.page)).toEqual([]);

  held.letGo();
  await expect(transfers.background).toBeHidden();
  for (const name of ['first', 'second'])
    await expect(window.notifications).toContainText(`Pulled ${held.host}/${name}:1.`);
  await window.notifications.getByRole('button', { name: 'Show' }).first().click();
  await expect(images.heading).toContainText(`${held.host}/`);
  await held.close();
});

test('what goes wrong is said where it was asked for, and can be put right there', async ({ app }) => {
  const transfers = new Transfers(app.page);
  const { pullDialog } = transfers;
  const secured = await startDockerRegistry(true);
  await transfers.pull(`${secured.host}/shop:1`);
  await expect(pullDialog.getByRole('alert')).toContainText(`${secured.host} does not allow this`);
  await expect(pullDialog).toContainText(`slipway login ${secured.host}`);
  expect(await accessibilityFaults(app.page)).toEqual([]);
  await secured.close();

  const field = pullDialog.getByRole('textbox', { name: 'Reference' });
  const again = pullDialog.getByRole('button', { name: 'Try again' });
  await again.click();
  await expect(pullDialog.getByRole('alert')).toContainText('cannot be reached');
  await field.fill('UPPER\u202e<img src=x onerror=window.__pwned=1>');
  await again.click();
  await expect(pullDialog.getByRole('alert')).not.toContainText('cannot be reached');
  await expect(pullDialog.getByRole('alert')).toContainText('UPPER\\u202e<img');
  expect(await app.page.evaluate(() => '__pwned' in window)).toBe(false);
  await field.fill(`${registry.host}/nothing:1`);
  await again.click();
  await expect(pullDialog.getByRole('alert')).toContainText('nothing');
  await field.fill(first);
  await again.click();
  await expect(new ImagesPage(app.page).heading).toHaveText(first);
});

test('a pull that fails in the background says so on every screen until it is put away', async ({
  app,
  hostKind,
}) => {
  const transfers = new Transfers(app.page);
  const held = await holdRegistry(registry.host);
  await transfers.pull(first.replace(registry.host, held.host));
  await held.asked;
  await transfers.pullDialog.getByRole('button', { name: 'Continue in background' }).click();
  await held.close();
  await expect(transfers.background.getByRole('alert')).toContainText(`Could not pull ${held.host}/first:1`);
  await new AppWindow(app.page, hostKind).goTo('Builds');
  await expect(transfers.background.getByRole('button', { name: 'Try again' })).toBeVisible();
  expect(await accessibilityFaults(app.page)).toEqual([]);
  await transfers.background.getByRole('button', { name: /^Dismiss/ }).click();
  await expect(transfers.background).toBeHidden();
});

test('the application ends well in the middle of a pull', async ({ app }) => {
  const transfers = new Transfers(app.page);
  const held = await holdRegistry(registry.host);
  await transfers.pull(first.replace(registry.host, held.host));
  await held.asked;
  expect(await app.close()).toBe(0);
  await held.hungUp;
  expect(app.output()).not.toMatch(/error/i);
  await held.close();
});

test('this machine: what RUN has here is said in words', async ({ app }) => {
  await app.page.keyboard.press('Control+4');
  await expect(app.page.getByRole('heading', { level: 1, name: 'This machine' })).toBeFocused();
  const rows = app.page.getByRole('table', { name: 'Checks' }).locator('tbody').getByRole('row');
  await expect(rows.first()).toBeVisible();
  for (const row of await rows.all()) await expect(row).toContainText(/^ *(works|limited|missing)/);
  expect(await accessibilityFaults(app.page)).toEqual([]);
  await app.page.getByRole('button', { name: 'Check again' }).click();
  await expect(rows.first()).toBeVisible();
});
