import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, replaceMatches, trimPrefix, trimSuffix } from './pattern.ts';
import type { Pattern } from './pattern.ts';

const free = () => undefined;

function compiled(text: string): Pattern {
  const pattern = compilePattern(text);
  if (!('segments' in pattern)) throw new Error(`bad escape ${pattern.badEscape}`);
  return pattern;
}

/** The pattern as a regular expression: the model that matching is held against, on short texts. */
function model(text: string, greedy: boolean): string {
  return Array.from(text)
    .map((c) =>
      c === '*' ? (greedy ? '[^\\n]*' : '[^\\n]*?') : c === '?' ? '[^\\n]' : c.replace(/[^a-z\n]/u, '\\$&'),
    )
    .join('');
}

const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\n', '+'), maxLength: 6 });
const values = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '+'), maxLength: 10 });

describe('pattern matching agrees with regular expressions', () => {
  test.each([true, false])('prefix, longest %s', (longest) => {
    fc.assert(
      fc.property(patterns, values, (pattern, value) => {
        const expected = value.replace(new RegExp(`^(?:${model(pattern, longest)})`, 'u'), '');
        expect(trimPrefix(compiled(pattern), value, longest, free)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([true, false])('suffix, longest %s', (longest) => {
    const reversed = (text: string) => Array.from(text).reverse().join('');
    fc.assert(
      fc.property(patterns, values, (pattern, value) => {
        const expression = new RegExp(`^(?:${model(reversed(pattern), longest)})`, 'u');
        const expected = reversed(reversed(value).replace(expression, ''));
        expect(trimSuffix(compiled(pattern), value, longest, free)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('first replacement', () => {
    fc.assert(
      fc.property(patterns, values, (pattern, value) => {
        const expected = value.replace(new RegExp(model(pattern, true), 'u'), () => '<$&>');
        expect(replaceMatches(compiled(pattern), value, '<$&>', false, free)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('all replacements, but for empty matches right behind a match', () => {
    fc.assert(
      fc.property(patterns, values, (pattern, value) => {
        let end = -1;
        const expected = value.replace(new RegExp(model(pattern, true), 'gu'), (match, offset: number) => {
          const abuts = match === '' && offset === end;
          end = offset + match.length;
          return abuts ? '' : '<>';
        });
        expect(replaceMatches(compiled(pattern), value, '<>', true, free)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('patterns', () => {
  test.each(['\\a', 'x\\', '\\[', '\\$'])('%j has an escape that means nothing', (text) => {
    expect(compilePattern(text)).toHaveProperty('badEscape');
  });

  test('? takes a whole character', () => {
    expect(trimPrefix(compiled('?'), '😀x', false, free)).toBe('x');
    expect(trimSuffix(compiled('?'), 'x😀', false, free)).toBe('x');
    expect(replaceMatches(compiled('?'), '😀😀', '-', true, free)).toBe('--');
  });

  test('a byte that is no text does not match half a character', () => {
    expect(trimPrefix(compiled('*\udc80'), '\u{10080}x', false, free)).toBe('\u{10080}x');
    expect(replaceMatches(compiled('\udc80'), '\u{10080}\udc80', '-', true, free)).toBe('\u{10080}-');
  });

  test('long values are matched in linear time', () => {
    let work = 0;
    const value = 'a'.repeat(1_000_000);
    const spend = (units: number) => {
      work += units;
      if (work > 10 * value.length) throw new Error('too much work');
    };
    for (const pattern of ['*b', 'a*b', 'a*a*b', '*a*b*', 'ab']) {
      work = 0;
      replaceMatches(compiled(pattern), value, 'x', true, spend);
      trimPrefix(compiled(pattern), value, true, spend);
      trimSuffix(compiled(pattern), value, false, spend);
    }
  });
});
