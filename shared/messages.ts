import type { ErrorPayload } from './error-payload.ts';

/**
 * What crosses between the window and the application, whatever carries it: JSON over serve's WebSocket, structured clones
 * over Electron's ipc. Each call has an id that its sender chose; events and the one answer carry it back.
 */
export type ClientMessage =
  | { readonly id: number; readonly call: string; readonly input: unknown }
  | { readonly id: number; readonly cancel: true };

export type ServerMessage =
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorPayload };

/**
 * What the preload script puts on the desktop window as `window.slipway`. Only plain data crosses Electron's context
 * bridge: neither an AbortSignal nor an error's own fields do, so the page makes its Client of this with
 * `createMessageClient`.
 */
export interface Bridge {
  send(message: ClientMessage): void;
  /** There is one listener; a later one takes the place of an earlier. */
  onMessage(listener: (message: ServerMessage) => void): void;
  /** The path behind a dropped file; empty where there is none. */
  pathOf(file: unknown): string;
}
