import type { BuildEvent } from '../../shared/build-events.ts';
import type { Terminal } from './streams.ts';
import { createPlainProgress } from './progress-plain.ts';
import { createTtyProgress } from './progress-tty.ts';

/** Shows a build while it runs. */
export interface Progress {
  onEvents(events: readonly BuildEvent[]): void;
  /** Leaves the terminal as a following line expects it. Idempotent. */
  close(): void;
}

export interface ProgressOptions {
  /** Says below each step that was not found in the cache why. */
  readonly explain: boolean;
}

export type ProgressMode = 'auto' | 'plain' | 'tty' | 'quiet';

/** `auto` is live on a terminal and plain lines anywhere else. */
export function createProgress(
  mode: ProgressMode,
  terminal: Terminal,
  options: ProgressOptions = { explain: false },
): Progress {
  const resolved =
    mode === 'auto'
      ? terminal.stderr.isTTY && terminal.environment['TERM'] !== 'dumb'
        ? 'tty'
        : 'plain'
      : mode;
  switch (resolved) {
    case 'quiet':
      return { onEvents: () => undefined, close: () => undefined };
    case 'plain':
      return createPlainProgress(terminal, options);
    case 'tty':
      return createTtyProgress(terminal, options);
  }
}
