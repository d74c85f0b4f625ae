import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { listening } from './typed-events.ts';

/** Where messages from pages arrive. */
export const ipcEvents = new EventEmitter();

export const ipcMain = listening<Electron.IpcMain>(ipcEvents) satisfies Pick<Electron.IpcMain, 'on' | 'once'>;
