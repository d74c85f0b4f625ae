import type * as Electron from 'electron';
import { appEvents } from './app.ts';
import { BrowserWindow, windowOptions } from './browser-window.ts';
import { serveControl } from './control.ts';
import { native } from './native.ts';

/**
 * The parts of Electron's main-process API that the app uses, over a browser's tabs. Each object is held against
 * electron.d.ts by the type checker. What the double does not model (real sandboxing, fuses, the OS's own windows) is for
 * the `electron` project of the suite.
 */
export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export { dialog, Menu, nativeTheme, Notification, protocol, session, shell } from './native.ts';

BrowserWindow satisfies Pick<typeof Electron.BrowserWindow, 'getAllWindows' | 'getFocusedWindow'>;

serveControl({ native, windowOptions, appEvents });
