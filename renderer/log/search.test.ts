import { describe, expect, test } from 'vitest';
import { ansiSpans } from './ansi.ts';
import { findRows, markHits, nextMatch, rowsAsText } from './search.ts';
import type { LogRow } from './log-rows.ts';

const rows = ['Alpha', '\u001b[31mal\u001b[32mpine', 'beta'].map((text, index): LogRow => ({
  key: String(index),
  kind: 'output',
  text,
}));

test.each([
  ['al', [0, 1]],
  ['ALP', [0, 1]],
  ['31m', []],
  ['', []],
])('findRows %j', (query, expected) => expect(findRows(rows, query)).toEqual(expected));

test.each([
  [[4, 9], -1, 1, 0],
  [[4, 9], -1, -1, 1],
  [[4, 9], 1, 1, 0],
  [[4, 9], 0, -1, 1],
  [[], 0, 1, -1],
] as const)('nextMatch(%j, %i, %i) → %i', (matches, current, step, expected) =>
  expect(nextMatch(matches, current, step)).toBe(expected),
);

test('rowsAsText has no colours', () => expect(rowsAsText(rows)).toBe('Alpha\nalpine\nbeta\n'));

describe('markHits', () => {
  const marked = (line: string, query: string) =>
    markHits(ansiSpans(line), query).map((span) => (span.hit ? `[${span.text}]` : span.text));

  test.each([
    ['one two one', 'one', ['[one]', ' two ', '[one]']],
    ['aaaa', 'aa', ['[aa]', '[aa]']],
    ['plain', '', ['plain']],
    ['plain', 'x', ['plain']],
    ['a\u001b[31mbc\u001b[32mde', 'bcd', ['a', '[bc]', '[d]', 'e']],
    ['\u001b[31mab\u001b[32mcd', 'bc', ['a', '[b]', '[c]', 'd']],
  ])('%j, %j', (line, query, expected) => expect(marked(line, query)).toEqual(expected));
});
