import { expect, test } from 'vitest';
import { lastLines } from './last-lines.ts';

function linesOf(...pieces: readonly string[]): readonly string[] {
  const last = lastLines();
  for (const piece of pieces) last.push(piece);
  return last.lines();
}

test('lines, however they come; empty ones are left out', () => {
  expect(linesOf('a\n\n  \nb', 'c\nd')).toEqual(['a', 'bc', 'd']);
  expect(linesOf('a\n')).toEqual(['a']);
  expect(linesOf()).toEqual([]);
});

test('the last twenty', () => {
  const all = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  expect(linesOf(`${all.join('\n')}\n`)).toEqual(all.slice(-20));
  expect(linesOf(all.join('\n'))).toEqual(all.slice(-20));
});

test('long ones are cut, and kept in little memory', () => {
  const [line] = linesOf(...Array.from({ length: 1000 }, () => 'x'.repeat(10_000)));
  expect(line).toBe(`${'x'.repeat(400)}…`);
  expect(linesOf('x'.repeat(400))).toEqual(['x'.repeat(400)]);
});

test('asking changes nothing', () => {
  const last = lastLines();
  last.push('a\nb');
  expect(last.lines()).toEqual(['a', 'b']);
  last.push('c');
  expect(last.lines()).toEqual(['a', 'bc']);
});
