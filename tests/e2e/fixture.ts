import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { startDoubleHost } from './support/double-host.ts';
import { startElectronHost } from './support/electron-host.ts';
import type { HostKind, RunningApp } from './support/running-app.ts';
import { startServeHost } from './support/serve-host.ts';

export { expect } from '@playwright/test';

interface Options {
  /** Which host runs the application; set by the project. */
  readonly hostKind: HostKind;
}

interface Fixtures {
  /** A folder of the test's own, removed after it. */
  readonly scratch: string;
  /** The application on an empty store, its page open. */
  readonly app: RunningApp;
}

/** Every spec runs on each host from the same lines: `app` is serve in a browser, the desktop app on the double, or on Electron. */
export const test = base.extend<Fixtures & Options>({
  hostKind: ['serve', { option: true }],

  scratch: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },

  app: async ({ hostKind, scratch }, use, testInfo) => {
    const start = { serve: startServeHost, double: startDoubleHost, electron: startElectronHost }[hostKind];
    const app = await start({ store: join(scratch, 'store'), profile: join(scratch, 'profile') });
    await use(app);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('application output', { body: app.output(), contentType: 'text/plain' });
    }
    await app.close();
  },
});
