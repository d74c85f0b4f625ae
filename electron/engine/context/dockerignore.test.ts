import { expect, test } from 'vitest';
import { compileIgnore, parseIgnoreFile } from './dockerignore.ts';

const texts = (source: string): string[] =>
  parseIgnoreFile(source, '.dockerignore').map(
    ({ text, exception, line }) => `${line} ${exception ? '!' : ''}${text}`,
  );

test.each([
  ['', []],
  ['\n\n  \n\t\n', []],
  ['a\nb', ['1 a', '2 b']],
  ['a\r\nb\r\n', ['1 a', '2 b']],
  ['\ufeffa', ['1 a']],
  ['\ufeff# comment\na', ['2 a']],
  ['a\n\ufeffb', ['1 a', '2 b']],
  ['#a\n #b\n\\#c', ['2 #b', '3 \\#c']],
  ['  a b \t', ['1 a b']],
  ['/a/b/', ['1 a/b']],
  ['./a', ['1 a']],
  ['a/../b//c/.', ['1 b/c']],
  ['!a', ['1 !a']],
  ['! /a/', ['1 !a']],
  ['  !  a', ['1 !a']],
  ['!!a', ['1 !!a']],
  ['a # not a comment', ['1 a # not a comment']],
  ['caf\udce9', ['1 caf\udce9']],
])('reads %j', (source, expected) => {
  expect(texts(source)).toEqual(expected);
});

test.each([
  ['a\n[', 2],
  ['!', 1],
  ['a\n\n  !  \n', 3],
  ['[]', 1],
  ['a[z-a]', 1],
  ['!a[', 1],
  ['x\\', 1],
  [`a\n${'b'.repeat(70_000)}`, 2],
])('refuses %j with its line', (source, line) => {
  expect(() => parseIgnoreFile(source, 'app.dockerignore')).toThrow(
    expect.objectContaining({
      code: 'CONTEXT_IGNORE_SYNTAX',
      file: 'app.dockerignore',
      range: expect.objectContaining({ startLine: line, endLine: line }),
    }),
  );
});

test('the last pattern that matches decides', () => {
  const ignore = compileIgnore(parseIgnoreFile('docs\n!docs/README.md\n', '.dockerignore'));
  expect(['docs', 'docs/a', 'docs/README.md', 'src'].map(ignore.matches)).toEqual([true, true, false, false]);
});

test('a megabyte of patterns is read and compiled quickly', () => {
  const source = Array.from({ length: 30_000 }, (_, i) => `**/dir-${i}/**/*.[ab]${i}`).join('\n');
  const started = process.threadCpuUsage();
  const ignore = compileIgnore(parseIgnoreFile(source, '.dockerignore'));
  expect(ignore.matches('x/dir-7/y/z.a7')).toBe(true);
  expect(process.threadCpuUsage(started).user).toBeLessThan(5_000_000);
});
