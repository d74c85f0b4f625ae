import type { Engine } from '../engine/engine.ts';
import type { Terminal } from './streams.ts';

/** What every command gets: the terminal, the engine when it asks for it, and a way to say how it ended. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** The whole command line, the words after `slipway`. */
  readonly words: readonly string[];
  /** Opened on first use and closed by the caller; `buildsNext` as in EngineOptions. */
  engine(options?: { readonly buildsNext?: boolean }): Promise<Engine>;
  /** The store's folder. */
  store(): string;
  /** Fires on interrupt. */
  readonly signal: AbortSignal;
  /** Sets the exit code of a command that has said itself what went wrong. */
  fail(code: number): void;
  /** The text of the file an error points into, named from `folder` or else from here; undefined where it cannot be read. */
  readSource(error: unknown, folder?: string): Promise<string | undefined>;
}
