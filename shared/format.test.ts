import { describe, expect, test } from 'vitest';
import {
  completeReference,
  displayText,
  familiarReference,
  formatBytes,
  formatCount,
  formatDuration,
  formatRelative,
  shortId,
} from './format.ts';

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1234, '1.23 kB'],
    [12_345, '12.3 kB'],
    [99_960, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_500_000_000, '1.50 GB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
    [1e21, '1000000 PB'],
    [-1, '–'],
    [NaN, '–'],
    [undefined, '–'],
  ])('%s → %s', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));
});

describe('formatDuration', () => {
  test.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [12.4, '12 ms'],
    [99.6, '0.1 s'],
    [400, '0.4 s'],
    [12_345, '12.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_900, '1 h 00 min'],
    [7_380_000, '2 h 03 min'],
    [NaN, '–'],
    [undefined, '–'],
  ])('%s → %s', (ms, expected) => expect(formatDuration(ms)).toBe(expected));
});

describe('formatRelative', () => {
  const now = Date.UTC(2026, 10, 24, 12);
  test.each([
    [-5000, 'just now'],
    [59_000, 'just now'],
    [61_000, '1 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [30 * 3_600_000, 'yesterday'],
    [5 * 86_400_000, '5 days ago'],
    [40 * 86_400_000, '2026-10-15'],
    [NaN, '–'],
  ])('%s ms before → %s', (age, expected) => expect(formatRelative(now - age, now)).toBe(expected));
});

test.each([
  ['docker.io/library/app:latest', 'app:latest'],
  ['docker.io/me/app:1', 'me/app:1'],
  ['docker.io/library/app@sha256:00', 'app@sha256:00'],
  ['ghcr.io/me/app:1', 'ghcr.io/me/app:1'],
  ['localhost:5000/app:1', 'localhost:5000/app:1'],
])('familiarReference(%s) → %s', (full, expected) => expect(familiarReference(full)).toBe(expected));

test.each([
  ['app', 'docker.io/library/app:latest'],
  ['app:1', 'docker.io/library/app:1'],
  ['me/app', 'docker.io/me/app:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['ghcr.io/me/app:1', 'ghcr.io/me/app:1'],
  ['app@sha256:00', 'docker.io/library/app@sha256:00'],
])('completeReference(%s) → %s', (typed, expected) => expect(completeReference(typed)).toBe(expected));

test('shortId', () => {
  expect(shortId('sha256:0123456789abcdef')).toBe('0123456789ab');
  expect(shortId('abc')).toBe('abc');
});

test('formatCount', () => {
  expect(formatCount(1, 'step')).toBe('1 step');
  expect(formatCount(0, 'step')).toBe('0 steps');
  expect(formatCount(2, 'entry', 'entries')).toBe('2 entries');
});

describe('displayText', () => {
  test.each([
    ['plain ✓ 日本 👩‍💻'.replaceAll('\u200d', ''), 'plain ✓ 日本 👩💻'],
    ['a\nb\u0000', 'a\\u{a}b\\u{0}'],
    ['evil\u202etxt.exe', 'evil\\u{202e}txt.exe'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['\udcff', '\\u{dcff}'],
    ['<img src=x onerror=1>', '<img src=x onerror=1>'],
  ])('%j → %j', (text, expected) => expect(displayText(text)).toBe(expected));

  test('is clipped', () => {
    expect(displayText('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(10)}…`);
  });
});
