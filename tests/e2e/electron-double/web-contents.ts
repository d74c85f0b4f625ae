import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type * as Electron from 'electron';
import type { Page, Route } from 'playwright-core';
import { ipcEvents } from './ipc-main.ts';
import { answerFromApp, toApp, toBrowser } from './page-address.ts';
import { preloadScript } from './preload-world.ts';
import { listening, preventable } from './typed-events.ts';

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];
type Used = 'on' | 'once' | 'send' | 'isDestroyed' | 'mainFrame' | 'setWindowOpenHandler' | 'sendInputEvent';

/** What the window keeps to itself of its contents. */
export interface PageDriver {
  readonly contents: Electron.WebContents;
  load(url: string): Promise<void>;
  close(): Promise<void>;
}

/** A WebContents whose page is a tab of the test's browser, with the preload script run in it. */
export function createWebContents(opening: Promise<Page>, preload: string): PageDriver {
  const events = new EventEmitter();
  let destroyed = false;
  let openHandler: OpenHandler = () => ({ action: 'allow' });
  let current: Page | undefined;
  /** What was loaded by the app itself; any other navigation is the page's own doing. */
  let loading: string | undefined;
  const mainFrame = {
    get url() {
      return toApp(current?.url() ?? '');
    },
  } as Electron.WebFrameMain;

  const page = opening.then(async (opened) => {
    current = opened;
    await opened.exposeBinding('slipwayDoubleSend', ({ frame }, channel: string, args: unknown[]) => {
      const senderFrame = frame === opened.mainFrame() ? mainFrame : null;
      ipcEvents.emit(channel, { sender: contents, senderFrame }, ...args);
    });
    await opened.addInitScript(preloadScript(readFileSync(preload, 'utf8')));
    await opened.route('**/*', onRequest);
    opened.on('popup', (popup) => void popup.close());
    // Playwright's own events don't tell a new document from a new history entry, or where a window wants to go.
    const session = await opened.context().newCDPSession(opened);
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) events.emit('did-navigate', {}, toApp(frame.url), 200, 'OK');
    });
    session.on('Page.windowOpen', ({ url }) => openHandler({ url: toApp(url) } as Electron.HandlerDetails));
    await session.send('Page.enable');
    opened.on('close', () => {
      destroyed = true;
      events.emit('destroyed');
    });
    return opened;
  });
  let turn: Promise<unknown> = page;
  const inTurn = (work: (opened: Page) => Promise<unknown>): void => {
    turn = turn.then(async () => destroyed || (await work(await page))).catch(() => undefined);
  };

  async function onRequest(route: Route): Promise<void> {
    const request = route.request();
    const isPage = request.isNavigationRequest() && request.frame() === current?.mainFrame();
    const byApp = request.url() === loading || request.url() === current?.url();
    if (isPage && !byApp) {
      const event = preventable();
      events.emit('will-navigate', event, toApp(request.url()));
      if (event.defaultPrevented) {
        await route.abort('aborted');
        return;
      }
    }
    await answerFromApp(route);
  }

  const own = {
    ...listening<Electron.WebContents>(events),
    mainFrame,
    isDestroyed: () => destroyed,
    setWindowOpenHandler(handler: OpenHandler) {
      openHandler = handler;
    },
    send(channel: string, ...args: unknown[]) {
      const cloned = structuredClone(args);
      inTurn((opened) =>
        opened.evaluate(
          ([name, values]) => {
            const deliver = (window as unknown as Record<symbol, unknown>)[
              Symbol.for('slipway.double.deliver')
            ];
            (deliver as (channel: string, args: unknown[]) => void)(name, values);
          },
          [channel, cloned] as const,
        ),
      );
    },
    sendInputEvent(
      event: Electron.MouseInputEvent | Electron.MouseWheelInputEvent | Electron.KeyboardInputEvent,
    ) {
      if (event.type !== 'keyDown' || !('keyCode' in event)) return;
      const key = [...(event.modifiers ?? []).map(playwrightKey), event.keyCode].join('+');
      inTurn((opened) => opened.keyboard.press(key));
    },
  } satisfies Pick<Electron.WebContents, Used>;
  const contents = own as unknown as Electron.WebContents;

  return {
    contents,
    async load(url) {
      loading = toBrowser(url);
      await (await page).goto(loading);
    },
    async close() {
      await (await page).close();
    },
  };
}

function playwrightKey(modifier: string): string {
  return modifier[0]!.toUpperCase() + modifier.slice(1);
}
