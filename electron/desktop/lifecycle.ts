import { app, BrowserWindow } from 'electron';
import type { Application } from '../ipc/application.ts';

/**
 * When the app ends. Closing the last window ends it, but not while a build is under way: it then ends after that build,
 * unless a window has been opened again. Quitting cancels builds and waits for them, so that the store is left in order.
 * On macOS the app stays without windows, as is the custom there.
 */
export function manageLifecycle(application: Application, openWindow: () => void): void {
  let closed = false;

  app.on('window-all-closed', () => {
    if (process.platform === 'darwin') return;
    void application.sessions.idle().then(() => {
      if (BrowserWindow.getAllWindows().length === 0) app.quit();
    });
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow();
  });
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void application.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
}
