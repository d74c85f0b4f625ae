/** Cleans up once no build has run for a while. */
export interface IdleCleanup {
  /** A build has ended. */
  buildEnded(): void;
  /** Stops what is under way and waits for it. */
  close(): Promise<void>;
}

export interface IdleCleanupOptions {
  readonly isBusy: () => boolean;
  /** Must not fail. */
  readonly tidy: (signal: AbortSignal) => Promise<void>;
  readonly delayMs?: number;
}

const DELAY_MS = 10_000;

/** Waits for 10 seconds after the last build; a build that begins meanwhile puts it off until it has ended. */
export function createIdleCleanup({ isBusy, tidy, delayMs = DELAY_MS }: IdleCleanupOptions): IdleCleanup {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  function begin(): void {
    if (isBusy() || running) return;
    running = tidy(stop.signal).finally(() => (running = undefined));
  }

  return {
    buildEnded() {
      clearTimeout(timer);
      if (!stop.signal.aborted) timer = setTimeout(begin, delayMs).unref();
    },
    async close() {
      clearTimeout(timer);
      stop.abort();
      await running;
    },
  };
}
