import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob, hasWildcard } from './glob.ts';

const MATCHES: readonly (readonly [pattern: string, path: string, expected: boolean])[] = [
  ['', '', true],
  ['', 'a', false],
  ['readme', 'readme', true],
  ['readme', 'readme.md', false],
  ['*', 'anything', true],
  ['*', '', true],
  ['*', 'a/b', false],
  ['*.go', 'main.go', true],
  ['*.go', '.go', true],
  ['*.go', 'src/main.go', false],
  ['src/*.go', 'src/main.go', true],
  ['src/*/x', 'src/a/x', true],
  ['src/*/x', 'src/a/b/x', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*a*a*a*', 'banana', true],
  ['*a*a*a*a*', 'banana', false],
  ['**', 'ab', true],
  ['**', 'a/b', false],
  ['a**b', 'a/b', false],
  ['?', 'x', true],
  ['?', '', false],
  ['?', '/', false],
  ['?', 'é', true],
  ['?', '😀', true],
  ['??', '😀', false],
  ['*?', '😀', true],
  ['*[^😀]', '😀', false],
  ['?', '\udc80', true],
  ['??', '\udce9\udc80', true],
  ['a[0-9]b', 'a5b', true],
  ['a[0-9]b', 'axb', false],
  ['a[^0-9]b', 'axb', true],
  ['a[^0-9]b', 'a5b', false],
  ['a[!0-9]b', 'a5b', true],
  ['[α-ω]', 'κ', true],
  ['[a-cx-z]', 'y', true],
  ['[a-cx-z]', 'd', false],
  ['[z-a]', 'm', false],
  ['[\\]]', ']', true],
  ['[\\-]', '-', true],
  ['[a\\-c]', 'b', false],
  ['[*]', '*', true],
  ['[*]', 'a', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['\\[a]', '[a]', true],
  ['a\\b', 'ab', true],
  [']', ']', true],
  ['{a,b}', '{a,b}', true],
  ['{a,b}', 'a', false],
  ['a.c', 'abc', false],
  ['(a|b)+$', '(a|b)+$', true],
  ['*/', 'a/', true],
  ['line\n*', 'line\nbreak', true],
];

describe('compileGlob', () => {
  test.each(MATCHES)('%j on %j is %s', (pattern, path, expected) => {
    expect(compileGlob(pattern)(path)).toBe(expected);
  });

  test.each([
    '[',
    '[]',
    '[]a]',
    '[^]',
    '[a',
    '[a-',
    '[a-]',
    '[-a]',
    '[a-b-c]',
    '\\',
    'a\\',
    'a[',
    '[\\',
    'x[^bc',
  ])('refuses %j', (pattern) => {
    expect(() => compileGlob(pattern)).toThrow(expect.objectContaining({ code: 'BAD_PATTERN' }));
  });

  test('takes bounded time on patterns made to be slow', () => {
    const slow = compileGlob(`${'*a'.repeat(100)}*[x]`);
    const started = process.threadCpuUsage();
    for (let i = 0; i < 50; i++) slow('a'.repeat(250));
    expect(process.threadCpuUsage(started).user).toBeLessThan(2_000_000);
  });

  test('a pattern that escapes every character matches its own text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replace(/[\\*?[\]]/g, '\\$&');
        expect(compileGlob(escaped)(text)).toBe(true);
        expect(hasWildcard(escaped)).toBe(false);
      }),
    );
  });
});

test.each([
  ['a', false],
  ['a*', true],
  ['a?', true],
  ['[a]', true],
  ['\\*', false],
  ['\\\\*', true],
  ['a]', false],
  ['\\', false],
])('hasWildcard(%j) is %s', (pattern, expected) => {
  expect(hasWildcard(pattern)).toBe(expected);
});
