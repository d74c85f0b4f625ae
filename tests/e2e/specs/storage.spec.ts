import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { StoragePage } from '../pages/storage-page.ts';
import { makeProject } from '../support/sample-project.ts';

test('a clean-up says what goes, frees just that, and leaves images with a name', async ({
  app,
  hostKind,
  scratch,
}) => {
  const window = new AppWindow(app.page, hostKind);
  const storage = new StoragePage(app.page);
  await window.give(await makeProject(join(scratch, 'shop'), 20));
  await expect(new BuildPage(app.page).outcome('succeeded')).toBeVisible({ timeout: 30_000 });

  await window.goTo('Storage');
  await expect(storage.kind('Images')).toContainText('1');
  await expect(storage.kind('Build logs')).toContainText('1');
  await storage.openCleanUp();
  await expect(storage.told).toContainText('Nothing to clean up.');
  await storage.choose('Everything that is not needed');
  await expect(storage.told).toContainText('cannot be undone');
  const freed = await storage.freeing();
  await storage.free();
  await expect(window.notifications).toContainText(`freed ${freed}.`);
  await expect(storage.kind('Build logs')).toContainText('0 B');

  await window.goTo('Images');
  await expect(app.page.getByRole('button', { name: 'Open image shop:latest' })).toBeVisible();
  await window.goTo('Builds');
  await expect(app.page.getByText('No builds yet')).toBeVisible();
});
