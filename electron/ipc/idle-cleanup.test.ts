import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createIdleCleanup } from './idle-cleanup.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('once, ten seconds after the last build', async () => {
  const tidy = vi.fn(async () => undefined);
  const cleanup = createIdleCleanup({ isBusy: () => false, tidy });
  cleanup.buildEnded();
  await vi.advanceTimersByTimeAsync(6000);
  cleanup.buildEnded();
  await vi.advanceTimersByTimeAsync(9000);
  expect(tidy).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tidy).toHaveBeenCalledOnce();
});

test('not while a build runs, and not after it was closed', async () => {
  const tidy = vi.fn(async () => undefined);
  let busy = true;
  const cleanup = createIdleCleanup({ isBusy: () => busy, tidy });
  cleanup.buildEnded();
  await vi.advanceTimersByTimeAsync(60_000);
  busy = false;
  cleanup.buildEnded();
  await cleanup.close();
  cleanup.buildEnded();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tidy).not.toHaveBeenCalled();
});

test('closing stops what is under way and waits for it', async () => {
  let ended = false;
  const tidy = async (signal: AbortSignal): Promise<void> => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended = true;
  };
  const cleanup = createIdleCleanup({ isBusy: () => false, tidy });
  cleanup.buildEnded();
  await vi.advanceTimersByTimeAsync(10_000);
  await cleanup.close();
  expect(ended).toBe(true);
});
