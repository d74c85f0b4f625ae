import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Electron from 'electron';
import { chromium, type BrowserContext } from 'playwright-core';
import { CHROMIUM } from '../support/chromium.ts';
import { native } from './native.ts';
import { listening, preventable } from './typed-events.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { readonly version: string };

export const appEvents = new EventEmitter();

/** The browser whose pages are the windows. Its profile and debugging port are the test's. */
export const browser: Promise<BrowserContext> = chromium.launchPersistentContext(
  process.env.SLIPWAY_DOUBLE_PROFILE ?? '',
  {
    ...CHROMIUM,
    args: [...CHROMIUM.args, '--remote-debugging-port=0'],
    viewport: null,
  },
);

/** Electron's order: `ready` comes after the main module has run; what must come before it is checked then. */
const ready = browser.then(() => {
  if (!sandboxed) throw new Error('The app is ready, and app.enableSandbox() was not called before.');
  if (native.schemes.length === 0)
    throw new Error('The app is ready, and the page has no privileged scheme.');
});
let sandboxed = false;
let quitting = false;

async function leave(code: number): Promise<void> {
  await (await browser).close().catch(() => undefined);
  process.exit(code);
}

export const app = {
  ...listening<Electron.App>(appEvents),
  isPackaged: false,
  enableSandbox() {
    sandboxed = true;
  },
  whenReady: () => ready,
  requestSingleInstanceLock: () => true,
  getAppPath: () => root,
  getVersion: () => version,
  quit() {
    if (quitting) return;
    const event = preventable();
    appEvents.emit('before-quit', event);
    if (event.defaultPrevented) return;
    quitting = true;
    void leave(0);
  },
  exit(code = 0) {
    void leave(code);
  },
} satisfies Pick<
  Electron.App,
  | 'on'
  | 'once'
  | 'isPackaged'
  | 'enableSandbox'
  | 'whenReady'
  | 'requestSingleInstanceLock'
  | 'getAppPath'
  | 'getVersion'
  | 'quit'
  | 'exit'
>;
