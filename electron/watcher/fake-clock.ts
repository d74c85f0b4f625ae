import type { Clock } from './clock.ts';

/** A clock that tests move on. */
export interface FakeClock extends Clock {
  advance(milliseconds: number): void;
}

export function createFakeClock(): FakeClock {
  let now = 0;
  const alarms = new Set<{ readonly at: number; readonly work: () => void }>();
  return {
    now: () => now,
    after(milliseconds, work) {
      const alarm = { at: now + milliseconds, work };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const next = [...alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        alarms.delete(next);
        now = next.at;
        next.work();
      }
      now = end;
    },
  };
}
