import { setImmediate as turn } from 'node:timers/promises';

const SLICE_MS = 8;

/**
 * For long work on the main thread: call what this answers between small pieces. It answers a promise to wait for once the event loop
 * has been held for 8 ms, else undefined.
 */
export function createBreather(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return turn().then(() => {
      since = performance.now();
    });
  };
}
