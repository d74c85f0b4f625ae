import { describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../shared/build-events.ts';
import { log } from '../../tests/support/fake-engine.ts';
import { createEventWindow } from './event-window.ts';

const events = (from: number, count: number, text = 'x'): BuildEvent[] =>
  Array.from({ length: count }, (_, index) => ({ ...log(text), seq: from + index, time: 0 }));

describe('createEventWindow', () => {
  test('answers events by their sequence numbers', () => {
    const window = createEventWindow();
    window.push(events(0, 10));
    expect(window.slice(3, 4).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
    expect(window.slice(10, 4)).toEqual([]);
    expect([window.first, window.end]).toEqual([0, 10]);
  });

  test('forgets the oldest beyond its count', () => {
    const window = createEventWindow(100);
    for (let from = 0; from < 1_000; from += 10) window.push(events(from, 10));
    expect(window.end).toBe(1_000);
    expect(window.end - window.first).toBeLessThanOrEqual(100);
    expect(window.slice(window.first, 1)[0]?.seq).toBe(window.first);
  });

  test('forgets the oldest beyond its weight, never the newest', () => {
    const window = createEventWindow(1_000, 50);
    window.push(events(0, 20, 'x'.repeat(10)));
    expect(window.end - window.first).toBeLessThanOrEqual(5);
    window.push(events(20, 1, 'x'.repeat(1_000)));
    expect([window.first, window.end]).toEqual([20, 21]);
  });
});
