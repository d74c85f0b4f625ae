import { expect, test } from 'vitest';
import { sourceExcerpt, type SourceLine } from './source-excerpt.ts';

const source = ['FROM scratch', 'RUN a \\', '    b', 'COPY x /', 'CMD y'].join('\r\n');
const shown = (lines: readonly SourceLine[]): string[] =>
  lines.map((line) => `${line.number}:${line.before}${line.marked && `<${line.marked}>`}${line.after}`);

test.each([
  [
    'part of a line',
    { startLine: 4, startColumn: 6, endLine: 4, endColumn: 7 },
    1,
    ['3:    b', '4:COPY <x> /', '5:CMD y'],
  ],
  [
    'several lines',
    { startLine: 2, startColumn: 1, endLine: 3, endColumn: 6 },
    0,
    ['2:<RUN a \\>', '3:    <b>'],
  ],
  ['no width', { startLine: 1, startColumn: 6, endLine: 1, endColumn: 6 }, 0, ['1:FROM <scratch>']],
  [
    'past the end',
    { startLine: 5, startColumn: 1, endLine: 9, endColumn: 1 },
    1,
    ['4:COPY x /', '5:<CMD y>'],
  ],
  ['outside the file', { startLine: 50, startColumn: 1, endLine: 50, endColumn: 2 }, 2, []],
])('%s', (_name, range, around, expected) => {
  expect(shown(sourceExcerpt(source, range, around))).toEqual(expected);
});

test('a long range is cut', () => {
  const long = 'x\n'.repeat(1000);
  expect(sourceExcerpt(long, { startLine: 1, startColumn: 1, endLine: 1000, endColumn: 2 }, 0)).toHaveLength(
    40,
  );
});
