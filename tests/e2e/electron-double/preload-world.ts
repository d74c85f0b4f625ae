import type * as Electron from 'electron';

type SendToMain = (channel: string, args: unknown[]) => void;
type Listener = (event: Electron.IpcRendererEvent, ...args: unknown[]) => void;

/** The parts of `electron` that a sandboxed preload script may require and ours does. */
interface PreloadElectron {
  readonly contextBridge: Pick<Electron.ContextBridge, 'exposeInMainWorld'>;
  readonly ipcRenderer: Pick<Electron.IpcRenderer, 'send' | 'on'>;
  readonly webUtils: Pick<Electron.WebUtils, 'getPathForFile'>;
}

/**
 * Runs in the page, before the page: gives the bundled preload script an `electron` module over the browser's bindings.
 * What it exposes is copied as Electron's context bridge copies: plain data, functions, promises and files pass; anything
 * else is refused, and an error keeps its message only. It is sent to the page as text and so refers to nothing outside.
 */
export function runPreload(preload: (require: (name: string) => unknown) => void): void {
  if (window !== window.top) return;
  const hidden = window as unknown as Record<string | symbol, unknown>;
  const send = hidden.slipwayDoubleSend as SendToMain;
  delete hidden.slipwayDoubleSend;
  const listeners = new Map<string, Listener[]>();

  Object.defineProperty(window, Symbol.for('slipway.double.deliver'), {
    value: (channel: string, args: unknown[]) => {
      for (const listener of listeners.get(channel) ?? []) listener({} as Electron.IpcRendererEvent, ...args);
    },
  });

  const cross = (value: unknown): unknown => {
    if (typeof value === 'function') return (...args: unknown[]) => cross(value(...args.map(cross)));
    if (typeof value === 'symbol') throw new TypeError('An object could not be cloned.');
    if (typeof value !== 'object' || value === null || value instanceof Blob) return value;
    if (value instanceof Promise) return value.then(cross, (error: unknown) => Promise.reject(cross(error)));
    if (value instanceof Error) return new Error(value.message);
    if (Array.isArray(value)) return Object.freeze(value.map(cross));
    if (Object.getPrototypeOf(value) !== Object.prototype)
      throw new TypeError('An object could not be cloned.');
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cross(inner)])),
    );
  };

  const paths = (): Readonly<Record<string, string>> =>
    (hidden[Symbol.for('slipway.double.paths')] ?? {}) as Readonly<Record<string, string>>;

  const electron: PreloadElectron = {
    contextBridge: {
      exposeInMainWorld: (key, api) => {
        Object.defineProperty(window, key, { value: cross(api), enumerable: true });
      },
    },
    ipcRenderer: {
      send: (channel, ...args) => send(channel, structuredClone(args)),
      on(channel, listener) {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener as Listener]);
        return this as Electron.IpcRenderer;
      },
    },
    webUtils: { getPathForFile: (file) => paths()[file.name] ?? '' },
  };

  preload((name) => {
    if (name === 'electron') return electron;
    throw new Error(`A sandboxed preload script cannot require ${name}.`);
  });
}

/** The text of a page script that runs a bundled CommonJS preload script in this world. */
export function preloadScript(bundle: string): string {
  return `(${runPreload.toString()})((require) => { const module = { exports: {} }, { exports } = module;\n${bundle}\n});`;
}
