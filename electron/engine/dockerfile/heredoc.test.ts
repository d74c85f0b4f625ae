import { describe, expect, test } from 'vitest';
import { stripHeredocTabs } from './heredoc.ts';

describe('stripHeredocTabs', () => {
  test.each([
    ['', ''],
    ['a\n', 'a\n'],
    ['\ta\n\t\tb\n', 'a\nb\n'],
    [' \ta\n', ' \ta\n'],
    ['a\tb\n', 'a\tb\n'],
    ['\t\n\t\n', '\n\n'],
    ['\ta\r\n\tb\r\n', 'a\r\nb\r\n'],
    ['a\u2028\tb\n', 'a\u2028\tb\n'],
  ])('%j → %j', (content, expected) => {
    expect(stripHeredocTabs(content)).toBe(expected);
  });
});
