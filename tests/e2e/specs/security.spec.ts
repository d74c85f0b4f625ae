import { CONTENT_SECURITY_POLICY } from '../../../electron/page/page-headers.ts';
import { expect, test } from '../fixture.ts';
import { ProjectsPage } from '../pages/projects-page.ts';
import { rawCall } from '../support/raw-call.ts';

test('the page comes with its policy, and nothing inline runs', async ({ app }) => {
  const answer = await app.page.evaluate(async () => {
    const { headers } = await fetch(location.pathname);
    return Object.fromEntries(headers);
  });
  expect(answer).toMatchObject({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  const ran = await app.page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => violations.push(effectiveDirective));
    const script = document.createElement('script');
    try {
      script.textContent = 'window.pwned = true';
    } catch (error) {
      violations.push((error as Error).name);
    }
    document.body.append(script);
    const image = new Image();
    image.src = 'https://example.com/x.png';
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { pwned: 'pwned' in window, violations };
  });
  expect(ran.pwned).toBe(false);
  expect(ran.violations).toContain('require-trusted-types-for');
  expect(ran.violations).toContain('img-src');
});

test('the page has nothing of Node or Electron', async ({ app, hostKind }) => {
  const found = await app.page.evaluate(() => ({
    names: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer', 'slipwayDoubleSend'].filter(
      (name) => name in window,
    ),
    bridge: 'slipway' in window ? Object.keys((window as unknown as { slipway: object }).slipway).sort() : undefined,
  }));
  expect(found.names).toEqual([]);
  expect(found.bridge).toEqual(hostKind === 'serve' ? undefined : ['onMessage', 'pathOf', 'send']);
});

test.describe('a page that was taken over', () => {
  test('gets typed errors, never a stack', async ({ app, hostKind }) => {
    const call = (id: number, name: string, input: unknown) => rawCall(app.page, hostKind, { id, call: name, input });
    expect(await call(1, '__proto__', {})).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await call(2, 'system.exec', {})).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await call(3, 'projects.inspect', { path: 1 })).toMatchObject({ error: { code: 'BAD_INPUT' } });
    expect(await call(4, 'images.get', { id: '../../etc/passwd' })).toMatchObject({ error: { code: 'BAD_INPUT' } });
    expect(await call(5, 'projects.add', { folder: '/etc' })).toMatchObject({ error: { code: 'PROJECT_UNUSABLE' } });
    const answer = await call(6, 'images.save', { id: 'a', path: '/etc/passwd', format: 'oci' });
    expect(answer).toMatchObject({ error: { code: hostKind === 'serve' ? 'SAVE_PATH_TAKEN' : 'SAVE_PATH_REFUSED' } });
    expect(JSON.stringify(answer)).not.toContain('.ts:');
  });

  test('cannot leave, open a window or be framed', async ({ app, hostKind }) => {
    test.skip(hostKind === 'serve', 'A browser’s tab may go where it likes.');
    const before = app.page.url();
    for (const target of ['https://example.com/', 'file:///etc/passwd', 'javascript:document.title="pwned"']) {
      await app.page.evaluate((url) => {
        location.href = url;
      }, target).catch(() => undefined);
      await app.page.waitForTimeout(100);
      expect(app.page.url()).toBe(before);
    }
    await app.page.evaluate(() => window.open('https://example.com/'));
    await app.page.waitForTimeout(200);
    expect(app.page.context().pages()).toHaveLength(1);
    await expect(new ProjectsPage(app.page).heading).toBeVisible();
  });

  test('is heard from the top frame only', async ({ app, hostKind }) => {
    test.skip(hostKind === 'serve', 'The token is what serve asks for.');
    const framed = await app.page.evaluate(async () => {
      const frame = document.createElement('iframe');
      frame.src = location.href;
      document.body.append(frame);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return frame.contentWindow !== null && 'slipway' in frame.contentWindow;
    });
    expect(framed).toBe(false);
  });
});

test.describe('the desktop app', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'double', 'Asks the double what it was given.'));

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
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'hid', 'openExternal']) {
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
        ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/assets/../../main/main.js', '/nothing'].map(
          async (path) => (await fetch(path)).status,
        ),
      ),
    );
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
  });
});

test.describe('serve', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'serve', 'Is about serve’s own address.'));

  test('keeps the token out of the address bar and refuses a page without it', async ({ app }) => {
    await expect(new ProjectsPage(app.page).emptyText).toBeVisible();
    expect(app.page.url()).not.toContain('token');
    const stranger = await app.page.context().browser()!.newContext();
    const page = await stranger.newPage();
    await page.goto(new URL('/', app.url).href);
    await expect(new ProjectsPage(page).emptyText).toBeHidden();
    const refused = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const socket = new WebSocket(`ws://${location.host}/rpc?token=guess`);
          socket.onopen = () => resolve('open');
          socket.onclose = () => resolve('closed');
        }),
    );
    expect(refused).toBe('closed');
    await stranger.close();
  });

  test('is not to be used from a foreign page, with the token or without', async ({ app }) => {
    const foreign = await app.page.context().browser()!.newContext();
    const page = await foreign.newPage();
    await page.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: 'evil' }));
    await page.goto('http://evil.example/');
    const { host, hash } = new URL(app.url);
    const outcome = await page.evaluate(
      async ([address, token]) => ({
        socket: await new Promise((resolve) => {
          const socket = new WebSocket(`ws://${address}/rpc?token=${token}`);
          socket.onopen = () => resolve('open');
          socket.onclose = () => resolve('closed');
        }),
        read: await fetch(`http://${address}/`).then(
          () => 'read',
          () => 'refused',
        ),
      }),
      [host, hash.slice('#token='.length)],
    );
    expect(outcome).toEqual({ socket: 'closed', read: 'refused' });
    await foreign.close();
  });
});
