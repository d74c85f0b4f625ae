import { expect, test } from '../../fixture.ts';
import { ProjectsPage } from '../../pages/projects-page.ts';

/** How the desktop app holds its page: what it gave Electron, and what comes of it. */
test('makes its window sandboxed and isolated', async ({ app }) => {
  expect(await app.control?.webPreferences()).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
  });
  expect(await app.control?.webPreferences()).not.toHaveProperty('webSecurity');
});

test('grants the page no permission but copying text', async ({ app }) => {
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'hid',
    'openExternal',
  ]) {
    expect(await app.control?.permissionGranted(permission), permission).toBe(false);
  }
  expect(await app.control?.permissionGranted('clipboard-sanitized-write')).toBe(true);
});

test('hands only known https links to the browser', async ({ app }) => {
  for (const url of ['https://docs.docker.com/x', 'https://evil.example/', 'smb://docs.docker.com/x']) {
    await app.page.evaluate((target) => window.open(target), url);
    await app.page.waitForTimeout(150);
  }
  expect((await app.control?.shown())?.openedOutside).toEqual(['https://docs.docker.com/x']);
});

test('serves nothing but the page’s own files', async ({ app }) => {
  const statuses = await app.page.evaluate(() =>
    Promise.all(
      [
        '/../package.json',
        '/%2e%2e/package.json',
        '/..%2fpackage.json',
        '/assets/../../main/main.js',
        '/nothing',
      ].map(async (path) => (await fetch(path)).status),
    ),
  );
  expect(statuses).toEqual([404, 404, 404, 404, 404]);
});
test('cannot leave, open a window or be framed', async ({ app }) => {
  const before = app.page.url();
  for (const target of ['https://example.com/', 'file:///etc/passwd', 'javascript:document.title="pwned"']) {
    await app.page
      .evaluate((url) => {
        location.href = url;
      }, target)
      .catch(() => undefined);
    await app.page.waitForTimeout(100);
    expect(app.page.url()).toBe(before);
  }
  await app.page.evaluate(() => window.open('https://example.com/'));
  await expect.poll(() => app.page.context().pages().length).toBe(1);
  await expect(new ProjectsPage(app.page).heading).toBeVisible();
});

test('cannot put itself into a frame', async ({ app }) => {
  await app.page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.src = location.href;
    document.body.append(frame);
  });
  await app.page.waitForTimeout(300);
  const frames = app.page.frames().filter((frame) => frame !== app.page.mainFrame());
  expect(frames.map((frame) => frame.url())).toEqual(['chrome-error://chromewebdata/']);
});
