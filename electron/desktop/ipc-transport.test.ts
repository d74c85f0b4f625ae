import { EventEmitter } from 'node:events';
import { ipcMain } from 'electron';
import { expect, test, vi } from 'vitest';
import type { Application } from '../ipc/application.ts';
import { CHANNEL, connectWindows } from './ipc-transport.ts';

vi.mock('electron', async () => {
  const events = await import('node:events');
  return { ipcMain: new events.EventEmitter(), protocol: {} };
});

function start() {
  ipcMain.removeAllListeners(CHANNEL);
  const received: unknown[] = [];
  const conversations = { opened: 0, closed: 0 };
  const application = {
    connect: () => {
      conversations.opened++;
      return { receive: (message: unknown) => received.push(message), close: () => conversations.closed++ };
    },
  };
  connectWindows(application as unknown as Application);
  const contents = Object.assign(new EventEmitter(), {
    mainFrame: { url: 'app://slipway/index.html' },
    isDestroyed: () => false,
    send: () => undefined,
  });
  const say = (senderFrame: unknown, message: unknown): void =>
    void (ipcMain as unknown as EventEmitter).emit(CHANNEL, { sender: contents, senderFrame }, message);
  return { contents, say, received, conversations };
}

test('the page’s top frame is heard, in one conversation', () => {
  const { contents, say, received, conversations } = start();
  say(contents.mainFrame, 1);
  say(contents.mainFrame, 2);
  expect(received).toEqual([1, 2]);
  expect(conversations).toEqual({ opened: 1, closed: 0 });
});

test('nobody else is', () => {
  const { contents, say, received, conversations } = start();
  say(null, 'a frame that is gone');
  say({ url: 'app://slipway/index.html' }, 'a frame in the page');
  for (const url of [
    'https://evil.example/',
    'app://slipway.evil.example/',
    'file:///index.html',
    'about:blank',
    '',
  ]) {
    contents.mainFrame.url = url;
    say(contents.mainFrame, url);
  }
  expect(received).toEqual([]);
  expect(conversations.opened).toBe(0);
});

test.each(['did-navigate', 'destroyed', 'render-process-gone'])('%s ends the conversation', (event) => {
  const { contents, say, conversations } = start();
  say(contents.mainFrame, 1);
  contents.emit(event);
  expect(conversations).toEqual({ opened: 1, closed: 1 });
  say(contents.mainFrame, 2);
  expect(conversations).toEqual({ opened: 2, closed: 1 });
});
