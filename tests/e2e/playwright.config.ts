import { defineConfig } from '@playwright/test';
import { electronBinary } from './support/electron-host.ts';
import type { HostKind } from './support/running-app.ts';

/** specs/ holds what is true on every host; a folder in it, what only that host has. */
const everywhere = /specs\/[^/]+\.spec\.ts$/;

export default defineConfig<{ hostKind: HostKind }>({
  testDir: './specs',
  outputDir: '../../test-results',
  globalSetup: './global-setup.ts',
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  projects: [
    { name: 'serve', use: { hostKind: 'serve' }, testMatch: [everywhere, /specs\/serve\//] },
    { name: 'double', use: { hostKind: 'double' }, testMatch: [everywhere, /specs\/double\//] },
    {
      name: 'electron',
      use: { hostKind: 'electron' },
      testMatch: electronBinary() === undefined ? /specs\/electron-missing\// : everywhere,
    },
  ],
});
