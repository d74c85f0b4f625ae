import { contextBridge } from 'electron';
contextBridge.exposeInMainWorld('slipway', {});
