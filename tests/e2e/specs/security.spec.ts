import { CONTENT_SECURITY_POLICY } from '../../../electron/page/page-headers.ts';
import { expect, test } from '../fixture.ts';
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
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    );
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
    names: [
      'require',
      'process',
      'module',
      'Buffer',
      'global',
      'electron',
      'ipcRenderer',
      'slipwayDoubleSend',
    ].filter((name) => name in window),
    bridge:
      'slipway' in window
        ? Object.keys((window as unknown as { slipway: object }).slipway).sort()
        : undefined,
  }));
  expect(found.names).toEqual([]);
  expect(found.bridge).toEqual(hostKind === 'serve' ? undefined : ['onMessage', 'pathOf', 'send']);
});

test.describe('a page that was taken over', () => {
  test('gets typed errors, never a stack', async ({ app, hostKind }) => {
    const call = (id: number, name: string, input: unknown) =>
      rawCall(app.page, hostKind, { id, call: name, input });
    expect(await call(1_000_001, '__proto__', {})).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await call(1_000_002, 'system.exec', {})).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await call(1_000_003, 'projects.inspect', { path: 1 })).toMatchObject({
      error: { code: 'BAD_INPUT' },
    });
    expect(await call(1_000_004, 'images.get', { id: '../../etc/passwd' })).toMatchObject({
      error: { code: 'BAD_INPUT' },
    });
    expect(await call(1_000_005, 'projects.add', { folder: '/etc' })).toMatchObject({
      error: { code: 'PROJECT_UNUSABLE' },
    });
    const answer = await call(1_000_006, 'images.save', { id: 'a', path: '/etc/passwd', format: 'oci' });
    expect(answer).toMatchObject({
      error: { code: hostKind === 'serve' ? 'SAVE_PATH_TAKEN' : 'SAVE_PATH_REFUSED' },
    });
    expect(JSON.stringify(answer)).not.toContain('.ts:');
  });
});
