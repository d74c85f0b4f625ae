import { defineConfig } from '@playwright/test';
import type { HostKind } from './support/running-app.ts';

const hosts: readonly HostKind[] = ['serve', 'double', 'electron'];

export default defineConfig<{ hostKind: HostKind }>({
  testDir: './specs',
  outputDir: '../../test-results',
  globalSetup: './global-setup.ts',
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  projects: hosts.map((hostKind) => ({ name: hostKind, use: { hostKind } })),
});
