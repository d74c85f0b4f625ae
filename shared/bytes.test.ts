import { expect, test } from 'vitest';
import { parseBytes } from './bytes.ts';

test.each([
  ['0', 0],
  ['20GB', 20_000_000_000],
  ['1.5 GiB', 1_610_612_736],
  ['500m', 500_000_000],
  [' 7 kb ', 7000],
  ['', undefined],
  ['GB', undefined],
  ['-1', undefined],
  ['1 XB', undefined],
  ['1 constructor', undefined],
  ['9'.repeat(30), undefined],
])('%j is %j bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});
