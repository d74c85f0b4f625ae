import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';
import { createQuietPeriod } from './quiet-period.ts';

function setUp() {
  const clock = createFakeClock();
  const quietAt: number[] = [];
  const period = createQuietPeriod({
    clock,
    quiet: 300,
    longest: 2_000,
    patience: 1_000,
    onQuiet: () => quietAt.push(clock.now()),
  });
  return { clock, period, quietAt };
}

test('it is quiet 300 ms after the last touch', () => {
  const { clock, period, quietAt } = setUp();
  period.touch();
  clock.advance(200);
  period.touch();
  clock.advance(299);
  expect(quietAt).toEqual([]);
  clock.advance(10_000);
  expect(quietAt).toEqual([500]);
});

test('it is over 2 s after the first touch, whatever goes on, and begins anew', () => {
  const { clock, period, quietAt } = setUp();
  for (let i = 0; i < 45; i++) {
    period.touch();
    clock.advance(100);
  }
  expect(quietAt).toEqual([2_000, 4_000]);
});

test('patiently it waits for a longer quiet, and for no end', () => {
  const { clock, period, quietAt } = setUp();
  for (let i = 0; i < 10; i++) {
    period.touch(true);
    clock.advance(900);
  }
  expect(quietAt).toEqual([]);
  clock.advance(10_000);
  expect(quietAt).toEqual([9_100]);
});

test('nothing is heard of what was cancelled', () => {
  const { clock, period, quietAt } = setUp();
  period.touch();
  period.cancel();
  clock.advance(10_000);
  expect(quietAt).toEqual([]);
  period.touch();
  clock.advance(300);
  expect(quietAt).toEqual([10_300]);
});
