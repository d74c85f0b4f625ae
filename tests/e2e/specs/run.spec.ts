import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixture.ts';
import { AppWindow } from '../pages/app-window.ts';
import { BuildPage } from '../pages/build-page.ts';
import { accessibilityFaults } from '../support/axe.ts';

/** A project whose one command prints forty lines and more, and fails. */
async function failingProject(folder: string): Promise<string> {
  await mkdir(folder);
  await copyFile('/bin/busybox', join(folder, 'busybox'));
  const hostile = String.raw`\033]0;owned\007<img src=x onerror=window.__pwned=1>`;
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM scratch
COPY busybox /bin/sh
RUN for i in $(seq 40); do echo line $i; done; printf '${hostile}\\n'; echo it is broken >&2; exit 3
`,
  );
  return folder;
}

test('a command that fails is shown with its place, its exit code and the end of its output', async ({
  app,
  hostKind,
  scratch,
}) => {
  const build = new BuildPage(app.page);
  await new AppWindow(app.page, hostKind).give(await failingProject(join(scratch, 'broken')));
  await expect(build.failure).toContainText('exited with code 3', { timeout: 30_000 });
  await expect(build.failure).toContainText('RUN for i in');
  await expect(build.failure).toContainText('Dockerfile, line 3');
  const end = build.failure.getByRole('region', { name: 'The end of the step’s output' });
  await expect(end).toContainText('it is broken');
  await expect(end).toContainText('line 40');
  await expect(end).toContainText('<img src=x');
  await expect(end).not.toContainText('owned');
  await expect(end.getByText('line 1', { exact: true })).toHaveCount(0);
  expect(await app.page.evaluate(() => '__pwned' in window)).toBe(false);
  expect(await accessibilityFaults(app.page)).toEqual([]);
});
