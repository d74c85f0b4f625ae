import type { Route } from 'playwright-core';
import { native } from './native.ts';

/** Browsers navigate to no scheme they don't know, so the page's origin is this one there, and `app://slipway` to the app. */
const BROWSER_ORIGIN = 'https://slipway.invalid';
const APP_ORIGIN = 'app://slipway';

export function toBrowser(url: string): string {
  return url.startsWith(`${APP_ORIGIN}/`) ? `${BROWSER_ORIGIN}${url.slice(APP_ORIGIN.length)}` : url;
}

export function toApp(url: string): string {
  return url.startsWith(`${BROWSER_ORIGIN}/`) ? `${APP_ORIGIN}${url.slice(BROWSER_ORIGIN.length)}` : url;
}

/** Answers a request of the page through the handler the app gave to protocol.handle. The network is not reached. */
export async function answerFromApp(route: Route): Promise<void> {
  const request = route.request();
  const url = toApp(request.url());
  if (!url.startsWith('app://') || !native.pageHandler) {
    await route.abort('blockedbyclient');
    return;
  }
  const response = await native.pageHandler(new Request(url, { method: request.method() }));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}
