import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { ImagesPage } from '../pages/images-page.ts';
import { makeProject } from '../support/sample-project.ts';

test('an image is saved, deleted, and comes back by dropping the archive', async ({
  app,
  hostKind,
  scratch,
}) => {
  test.skip(hostKind === 'electron', 'Real Electron’s save dialog cannot be answered from here.');
  const window = new AppWindow(app.page, hostKind);
  const images = new ImagesPage(app.page);
  const archive = join(scratch, 'shop.tar');
  await window.give(await makeProject(join(scratch, 'shop'), 20));
  await new BuildPage(app.page).image('shop:latest').click();

  await images.chooseAction('More for this image', 'Save as an archive…');
  await app.control?.answerDialogs([archive]);
  await images.save(hostKind === 'serve' ? archive : undefined);
  await expect(window.notifications).toContainText('shop.tar');
  const inspected = execFileSync('skopeo', ['inspect', '--config', `oci-archive:${archive}`], {
    encoding: 'utf8',
  });
  expect((JSON.parse(inspected) as { config: unknown }).config).toMatchObject({ Cmd: ['/srv/run'] });

  await images.chooseAction('More for this image', 'Delete…');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Delete image' }).click();
  await expect(app.page.getByText('No images yet')).toBeVisible();

  await window.give(archive);
  await expect(window.notifications).toContainText('Loaded shop:latest');
  await expect(images.rows).toHaveCount(1);
  await expect(images.rows).toContainText('shop:latest');
});
