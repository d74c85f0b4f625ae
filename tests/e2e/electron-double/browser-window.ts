import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { appEvents, browser } from './app.ts';
import { native } from './native.ts';
import { listening } from './typed-events.ts';
import { createWebContents, type PageDriver } from './web-contents.ts';

type Used =
  'on' | 'once' | 'webContents' | 'loadURL' | 'show' | 'focus' | 'close' | 'restore' | 'isMinimized';

const windows = new Set<BrowserWindow>();
/** What each window was made with, for tests of its security. */
export const windowOptions: Electron.BrowserWindowConstructorOptions[] = [];

export class BrowserWindow implements Pick<Electron.BrowserWindow, Used> {
  static getAllWindows(): Electron.BrowserWindow[] {
    return [...windows] as unknown as Electron.BrowserWindow[];
  }
  static getFocusedWindow(): Electron.BrowserWindow | null {
    return native.focused ? (BrowserWindow.getAllWindows()[0] ?? null) : null;
  }

  readonly on: Electron.BrowserWindow['on'];
  readonly once: Electron.BrowserWindow['once'];
  readonly webContents: Electron.WebContents;
  readonly #driver: PageDriver;
  readonly #events = new EventEmitter();

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    const preload = options.webPreferences?.preload;
    if (preload === undefined) throw new Error('The double is for windows with a preload script.');
    windowOptions.push(options);
    ({ on: this.on, once: this.once } = listening<Electron.BrowserWindow>(this.#events));
    const opening = browser.then(
      async (context) => context.pages().find((page) => page.url() === 'about:blank') ?? context.newPage(),
    );
    this.#driver = createWebContents(opening, preload);
    this.webContents = this.#driver.contents;
    windows.add(this);
    this.webContents.once('destroyed', () => {
      windows.delete(this);
      this.#events.emit('closed');
      if (windows.size === 0) appEvents.emit('window-all-closed');
    });
  }

  async loadURL(url: string): Promise<void> {
    await this.#driver.load(url);
    this.#events.emit('ready-to-show');
  }
  show(): void {
    native.focused = true;
  }
  focus(): void {
    native.focused = true;
  }
  restore(): void {
    native.focused = true;
  }
  isMinimized(): boolean {
    return false;
  }
  close(): void {
    void this.#driver.close();
  }
}
