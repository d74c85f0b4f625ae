import { describe, expect, test } from 'vitest';
import { schedule } from './schedule.ts';

const diamond = [
  { id: 'd', needs: ['b', 'c'] },
  { id: 'b', needs: ['a'] },
  { id: 'c', needs: ['a'] },
  { id: 'a', needs: [] },
];

describe('schedule', () => {
  test('runs what a task needs before it, and independent tasks side by side', async () => {
    const log: string[] = [];
    let together = 0;
    let most = 0;
    await schedule(
      diamond,
      async (task) => {
        most = Math.max(most, ++together);
        await Promise.resolve();
        log.push(task.id);
        together--;
      },
      { parallelism: 4 },
    );
    expect(log[0]).toBe('a');
    expect(log[3]).toBe('d');
    expect(most).toBe(2);
  });

  test('keeps to its parallelism', async () => {
    let together = 0;
    let most = 0;
    await schedule(
      Array.from({ length: 10 }, (_, i) => ({ id: `${i}`, needs: [] })),
      async () => {
        most = Math.max(most, ++together);
        await new Promise((resolve) => setImmediate(resolve));
        together--;
      },
      { parallelism: 3 },
    );
    expect(most).toBe(3);
  });

  test('a failure stops the rest, aborts what is under way and names what never started', async () => {
    const never: string[] = [];
    let aborted = false;
    const work = schedule(
      [
        { id: 'bad', needs: [] },
        { id: 'slow', needs: [] },
        { id: 'after', needs: ['bad'] },
      ],
      async (task, signal) => {
        if (task.id === 'bad') throw new Error('no');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        aborted = true;
      },
      { parallelism: 2, onNeverStarted: (task) => never.push(task.id) },
    );
    await expect(work).rejects.toThrow('no');
    expect(aborted).toBe(true);
    expect(never).toEqual(['after']);
  });

  test('cancelling from outside rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new DOMException('stop', 'AbortError');
    const work = schedule(
      diamond,
      async () => {
        controller.abort(reason);
      },
      { parallelism: 1, signal: controller.signal },
    );
    await expect(work).rejects.toBe(reason);
  });

  test('a cycle is refused', async () => {
    await expect(
      schedule([{ id: 'a', needs: ['a'] }], async () => undefined, { parallelism: 1 }),
    ).rejects.toThrow('needs itself');
  });
});
