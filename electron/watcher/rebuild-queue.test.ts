import { expect, test } from 'vitest';
import { createRebuildQueue, type WhileBuilding } from './rebuild-queue.ts';

function setUp(whileBuilding: WhileBuilding) {
  const runs: { readonly signal: AbortSignal; readonly end: () => void }[] = [];
  const begun: (() => void)[] = [];
  const queue = createRebuildQueue({
    whileBuilding: () => whileBuilding,
    run(signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve());
      runs.push({ signal, end: resolve });
      begun.shift()?.();
      return promise;
    },
  });
  const next = (): Promise<void> => new Promise((resolve) => begun.push(resolve));
  return { queue, runs, next };
}

test('finish: however often it is asked, one run follows the one under way', async () => {
  const { queue, runs, next } = setUp('finish');
  const first = next();
  queue.request();
  await first;
  for (let i = 0; i < 5; i++) queue.request();
  expect(queue.state).toBe('queued');
  const second = next();
  runs[0]!.end();
  await second;
  expect(runs).toHaveLength(2);
  expect(queue.state).toBe('running');
  expect(runs[0]!.signal.aborted).toBe(false);
  runs[1]!.end();
  await queue.cancel();
  expect(queue.state).toBe('idle');
  expect(runs).toHaveLength(2);
});

test('restart: what is under way is called off, unless there is no news', async () => {
  const { queue, runs, next } = setUp('restart');
  const first = next();
  queue.request();
  await first;
  queue.request({ news: false });
  expect(runs[0]!.signal.aborted).toBe(false);
  const second = next();
  queue.request();
  await second;
  expect(runs[0]!.signal.aborted).toBe(true);
  expect(runs).toHaveLength(2);
  await queue.cancel();
  expect(runs[1]!.signal.aborted).toBe(true);
});

test('cancel: nothing that waits begins any more', async () => {
  const { queue, runs, next } = setUp('finish');
  const first = next();
  queue.request();
  await first;
  queue.request();
  await queue.cancel();
  expect(runs).toHaveLength(1);
  expect(queue.state).toBe('idle');
});
