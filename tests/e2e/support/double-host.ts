import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser } from '@playwright/test';
import type { Control, ControlRequest } from '../electron-double/control.ts';
import { startProcess, type AppProcess } from './app-process.ts';
import type { AsyncControl, HostFolders, RunningApp } from './running-app.ts';

/** The app's real main.ts and preload script on the double of Electron, its window a tab that the test looks at too. */
export async function startDoubleHost(
  { store, profile }: HostFolders,
  words: readonly string[] = [],
): Promise<RunningApp> {
  const app = startProcess('electron/main.ts', {
    // Electron's own command line names the app before the person's words.
    args: ['.', ...words],
    execArgv: ['--import', new URL('../electron-double/register.ts', import.meta.url).href],
    env: { SLIPWAY_STORE: store, SLIPWAY_DOUBLE_PROFILE: profile },
  });
  const browser = await attach(app, profile);
  const context = browser.contexts()[0]!;
  const page = context.pages()[0] ?? (await context.waitForEvent('page'));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.waitForURL('https://slipway.invalid/index.html');
  await page.waitForLoadState();
  return {
    page,
    url: page.url(),
    control: controlOf(app),
    output: app.output,
    async close() {
      if (app.child.exitCode === null) await page.close().catch(() => undefined);
      return app.ended();
    },
  };
}

/** Connects to the browser that the double started, by the port it wrote into its profile. */
async function attach(app: AppProcess, profile: string): Promise<Browser> {
  for (;;) {
    const file = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '');
    const port = /^(\d+)\n/.exec(file)?.[1];
    if (port !== undefined) return chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    if (app.child.exitCode !== null)
      throw new Error(`The app ended with ${app.child.exitCode}:\n${app.output()}`);
    await sleep(20);
  }
}

interface ControlReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

function controlOf({ child }: AppProcess): AsyncControl {
  let lastId = 0;
  const ask = (name: keyof Control, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const onMessage = (reply: ControlReply): void => {
        if (reply.id !== id) return;
        child.off('message', onMessage as never);
        if (reply.error === undefined) resolve(reply.value);
        else reject(new Error(reply.error));
      };
      child.on('message', onMessage as never);
      child.send({ id, name, args } satisfies ControlRequest);
    });
  return new Proxy({} as AsyncControl, {
    get:
      (_target, name) =>
      (...args: readonly unknown[]) =>
        ask(name as keyof Control, args),
  });
}
