import { protocol } from 'electron';
import type { PageFiles } from '../page/page-files.ts';

/** Where the window's page lives. A scheme of our own has an origin, unlike file:, and reaches nothing but the page. */
export const PAGE_ORIGIN = 'app://slipway';
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** Must be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Answers requests to app://slipway with the page's files, each with the content security policy. Once the app is ready. */
export function servePageScheme(page: PageFiles): void {
  protocol.handle('app', async (request) => {
    const url = URL.parse(request.url);
    if (url?.host !== 'slipway' || request.method !== 'GET') return new Response(null, { status: 404 });
    const { status, headers, body } = await page(url.pathname);
    return new Response(new Uint8Array(body), { status, headers });
  });
}
