import { chromium } from '@playwright/test';
import { startProcess } from './app-process.ts';
import { CHROMIUM } from './chromium.ts';
import type { HostFolders, RunningApp } from './running-app.ts';

/** `slipway serve` as it is shipped, and a browser that opens the address it prints. */
export async function startServeHost({ store }: HostFolders): Promise<RunningApp> {
  const server = startProcess('out/main/cli.js', { args: ['--store', store, 'serve'], env: {} });
  const url = await server.line(/^http:\/\/127\.0\.0\.1:\d+\/#token=/);
  const browser = await chromium.launch(CHROMIUM);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  return {
    page,
    url,
    output: server.output,
    async close() {
      await browser.close();
      server.child.kill('SIGINT');
      return server.ended();
    },
  };
}
