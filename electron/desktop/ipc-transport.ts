import { ipcMain, type IpcMainEvent, type WebContents, type WebFrameMain } from 'electron';
import type { Application } from '../ipc/application.ts';
import type { Connection } from '../ipc/connection.ts';
import { PAGE_ORIGIN } from './protocol.ts';

/** The one channel, both ways; it carries the messages of shared/messages.ts. */
export const CHANNEL = 'slipway';

/**
 * Connects windows to the application. Only the top frame of our own page is heard; anything else is dropped without an
 * answer. A page that goes away (closed, reloaded, crashed) ends its conversation.
 */
export function connectWindows(application: Application): void {
  const connections = new Map<WebContents, Connection>();

  function open(contents: WebContents): Connection {
    const connection = application.connect((message) => {
      if (!contents.isDestroyed()) contents.send(CHANNEL, message);
    });
    const end = (): void => {
      connection.close();
      if (connections.get(contents) === connection) connections.delete(contents);
    };
    contents.once('destroyed', end);
    contents.once('render-process-gone', end);
    contents.once('did-navigate', end);
    connections.set(contents, connection);
    return connection;
  }

  ipcMain.on(CHANNEL, (event: IpcMainEvent, message: unknown) => {
    if (!isOurPage(event.senderFrame, event.sender)) return;
    (connections.get(event.sender) ?? open(event.sender)).receive(message);
  });
}

function isOurPage(frame: WebFrameMain | null, contents: WebContents): boolean {
  if (!frame || frame !== contents.mainFrame) return false;
  return frame.url.startsWith(`${PAGE_ORIGIN}/`);
}
