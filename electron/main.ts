import { join } from 'node:path';
import { app, BrowserWindow, dialog, session } from 'electron';
import { storePath } from './cli/store-path.ts';
import { createDialogs } from './desktop/dialogs.ts';
import { connectWindows } from './desktop/ipc-transport.ts';
import { manageLifecycle } from './desktop/lifecycle.ts';
import { installMenu } from './desktop/menu.ts';
import { createBuildNotifier, showNotice } from './desktop/notifications.ts';
import { denyPermissions } from './desktop/permissions.ts';
import { registerPageScheme, servePageScheme } from './desktop/protocol.ts';
import { claimSingleInstance, foldersIn } from './desktop/single-instance.ts';
import { createWindow } from './desktop/window.ts';
import { toErrorPayload } from './engine/base/errors.ts';
import { createEngine } from './engine/engine.ts';
import { createApplication } from './ipc/application.ts';
import { readPageFiles } from './page/page-files.ts';

/** The desktop app: the engine, the handlers and a window, put together. What needs to come before `ready` comes first. */
const waiting: string[] = [];
let open = (folders: readonly string[]): void => void waiting.push(...folders);

app.enableSandbox();
registerPageScheme();
if (claimSingleInstance((folders) => open(folders))) app.whenReady().then(run).catch(giveUp);
else app.quit();

async function run(): Promise<void> {
  const built = join(app.getAppPath(), 'out');
  denyPermissions(session.defaultSession);
  servePageScheme(readPageFiles(join(built, 'renderer')));
  const application = createApplication({
    engine: await createEngine({
      store: storePath(undefined, { environment: process.env, cwd: process.cwd() }),
    }),
    host: { kind: 'desktop', version: app.getVersion(), dialogs: createDialogs() },
    onBuildFinished: createBuildNotifier((notice) => showNotice(notice, showWindow)),
    onDefect: (call, error) => console.error(call, error),
  });
  connectWindows(application);
  installMenu(currentWindow);
  manageLifecycle(application, showWindow);
  void application.restoreWatches();

  function showWindow(): void {
    const window = currentWindow() ?? createWindow(join(built, 'preload', 'preload.cjs'));
    if (window.isMinimized()) window.restore();
    window.focus();
  }
  open = (folders) => {
    for (const folder of folders) void application.addProject(folder).catch(showError);
    showWindow();
  };
  open([...foldersIn(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd()), ...waiting]);
}

function currentWindow(): BrowserWindow | undefined {
  return BrowserWindow.getAllWindows()[0];
}

function showError(error: unknown): void {
  const { message, hint } = toErrorPayload(error);
  dialog.showErrorBox('Slipway', [message, hint].filter(Boolean).join('\n'));
}

function giveUp(error: unknown): void {
  showError(error);
  app.exit(1);
}
