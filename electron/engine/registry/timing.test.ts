import { expect, test } from 'vitest';
import { waitBefore } from './timing.ts';

const timing = { answer: 1, idle: 1, backOff: 500 };
const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
const wait = (retry: number, retryAfter?: string, random = 0): number =>
  waitBefore(retry, timing, retryAfter, NOW, random);

test('twice as long each time, and up to half more', () => {
  expect([0, 1, 2].map((retry) => wait(retry))).toEqual([500, 1000, 2000]);
  expect(wait(1, undefined, 1)).toBe(1500);
});

test.each([
  ['2', 2000],
  ['0', 500],
  ['-5', 500],
  ['Wed, 21 Oct 2026 07:28:07 GMT', 7000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 500],
  ['3600', 30_000],
  ['soon', 500],
  ['', 500],
])('Retry-After: %s', (header, expected) => expect(wait(0, header)).toBe(expected));
