import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from '@playwright/test';
import { repository } from './app-process.ts';
import type { HostFolders, RunningApp } from './running-app.ts';

/** Electron's own program, where it has been fetched or is named by ELECTRON_OVERRIDE_DIST_PATH. */
export function electronBinary(): string | undefined {
  const folder =
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(repository, 'node_modules', 'electron', 'dist');
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' } as Readonly<
    Record<string, string>
  >;
  const binary = join(folder, names[process.platform] ?? 'electron');
  return existsSync(binary) ? binary : undefined;
}

/** The app on real Electron. */
export async function startElectronHost({ store, profile }: HostFolders): Promise<RunningApp> {
  const executablePath = electronBinary();
  if (executablePath === undefined) throw new Error('There is no Electron binary here.');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({
    executablePath,
    args: [repository, `--user-data-dir=${profile}`, ...asRoot],
    env: { ...(process.env as Record<string, string>), SLIPWAY_STORE: store },
  });
  let output = '';
  for (const stream of [app.process().stdout, app.process().stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const page = await app.firstWindow();
  await page.waitForLoadState();
  return {
    page,
    url: page.url(),
    output: () => output,
    async close() {
      await app.close();
      return app.process().exitCode;
    },
  };
}
