import { describe, expect, test } from 'vitest';
import { parsePrune } from './prune-flags.ts';

const DAY = 86_400_000;
const now = new Date(100 * DAY);
const policy = { maxSize: 5000, keepDays: 30, keepBuilds: 20 };
const parse = (flags: Partial<Parameters<typeof parsePrune>[0]>) =>
  parsePrune({ filter: [], ...flags }, policy, now);

test('without flags the settings count, and images without a name go', () => {
  expect(parse({})).toEqual({ maxSize: 5000, keepBuilds: 20, unusedSince: 70 * DAY, untagged: true });
});

test('a flag stands in for its setting', () => {
  expect(parse({ maxSize: '1kB', keepDays: '7' })).toEqual({
    ...{ maxSize: 1000, keepBuilds: 20, unusedSince: 93 * DAY, untagged: true },
  });
});

test('--all is everything, or everything unused for so long', () => {
  expect(parse({ all: true })).toMatchObject({ unusedSince: Infinity, keepBuilds: 0, untagged: true });
  expect(parse({ all: true, keepDays: '1' })).toMatchObject({ unusedSince: 99 * DAY, keepBuilds: 0 });
  expect(parse({ all: true, filter: ['until=24h'] })).toMatchObject({ before: 99 * DAY });
});

describe('until', () => {
  test.each([
    ['24h', 99 * DAY],
    ['1d12h', 98.5 * DAY],
    ['90s', 100 * DAY - 90_000],
    ['86400', DAY],
    ['1970-01-02', DAY],
    ['1970-01-02T00:00:00Z', DAY],
  ])('%s', (text, time) => {
    expect(parse({ filter: [`until=${text}`] })).toMatchObject({ unusedSince: time, before: time });
  });
});

test.each([
  [{ filter: ['label=a'] }, '--filter "label=a" is not known.'],
  [{ filter: ['until=soon'] }, '--filter "until=soon" is not known.'],
  [{ maxSize: 'big' }, '--max-size "big" is not a size.'],
  [{ keepDays: '-1' }, '--keep-days "-1" is not a number of days.'],
])('%j is refused', (flags, message) => {
  expect(() => parse(flags)).toThrow(expect.objectContaining({ code: 'FLAG_INVALID', message }));
});
