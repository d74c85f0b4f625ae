import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge, ClientMessage, ServerMessage } from '../shared/messages.ts';

/**
 * Everything the sandboxed page gets from the outside: messages on one channel, and the path of a file that was dropped on
 * it. What a message may say is decided in the main process (electron/ipc/router.ts); ipcRenderer itself stays here.
 */
const CHANNEL = 'slipway';
let deliver: ((message: ServerMessage) => void) | undefined;

ipcRenderer.on(CHANNEL, (_event, message: ServerMessage) => deliver?.(message));

const bridge: Bridge = {
  send: (message: ClientMessage) => ipcRenderer.send(CHANNEL, message),
  onMessage: (listener) => {
    deliver = listener;
  },
  pathOf: (file) => (file instanceof File ? webUtils.getPathForFile(file) : ''),
};

contextBridge.exposeInMainWorld('slipway', bridge);
