import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
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
RUN touch /made; for i in $(seq 40); do echo line $i; done; printf '${hostile}\\n'; echo it is broken >&2; exit 3
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
  await expect(build.failure).toContainText('RUN touch /made');
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

test('a shell is opened in the failed step, before and after the command', async ({
  app,
  hostKind,
  scratch,
}) => {
  const { page } = app;
  const build = new BuildPage(page);
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await new AppWindow(page, hostKind).give(await failingProject(join(scratch, 'broken')));
  const open = async (when: 'After' | 'Before'): Promise<Locator> => {
    await build.failure.getByRole('button', { name: 'Open a shell' }).click();
    await page.getByRole('menuitem', { name: `${when} the command` }).click();
    const shell = page.getByRole('region', { name: new RegExp(`^Shell ${when.toLowerCase()} RUN touch`) });
    await expect(shell.getByRole('textbox')).toBeFocused();
    return shell;
  };

  const after = await open('After');
  const shown = page.locator('.xterm-rows');
  await page.keyboard.type('ls /made && echo there-$((6 * 7))\n');
  await expect(shown).toContainText('there-42');
  const title = await page.title();
  await page.keyboard.type(
    String.raw`printf '\033]0;owned\007\033]52;c;aGk=\007\033[38;2;9;99;9mgreen%s\n' ish` + '\n',
  );
  await expect(shown).toContainText('greenish');
  expect(await page.title()).toBe(title);
  await page.keyboard.press('Tab');
  await expect(after.getByRole('textbox')).toBeFocused();
  await page.keyboard.press('F6');
  await expect(after.getByRole('textbox')).not.toBeFocused();
  expect(await accessibilityFaults(page)).toEqual([]);
  await after.getByRole('button', { name: 'Close the shell' }).click();
  await expect(build.failure.getByRole('button', { name: 'Open a shell' })).toBeFocused();

  const before = await open('Before');
  await page.keyboard.type('ls /made || echo gone-$((6 * 7))\n');
  await expect(shown).toContainText('gone-42');
  // More than is sent before the window says that it has shown some.
  await page.keyboard.type('yes $(seq -s, 30) | head -c 1000000; echo flood-$((6 * 7))\n');
  await expect(shown).toContainText('flood-42', { timeout: 30_000 });
  await page.keyboard.type('exit 7\n');
  await expect(before.getByRole('status')).toHaveText('The shell has ended with exit code 7.');
  expect(complaints).toEqual([]);
});
