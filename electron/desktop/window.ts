import { BrowserWindow, nativeTheme, shell } from 'electron';
import { mayOpenExternally } from './external-links.ts';
import { PAGE_URL } from './protocol.ts';

const BACKGROUND = { light: '#ffffff', dark: '#16181d' };

/**
 * The window: sandboxed, isolated, shown once there is something to see. It can neither leave the page nor open another;
 * a link to a site on the list of external-links.ts opens in the person's browser.
 */
export function createWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Slipway',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (mayOpenExternally(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  window.webContents.on('will-redirect', (event) => event.preventDefault());
  window.webContents.on('will-attach-webview', (event) => event.preventDefault());
  void window.loadURL(PAGE_URL);
  return window;
}
