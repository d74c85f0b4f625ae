import { expect, test } from 'vitest';
import { pastedPath } from './pasted-path.ts';

test.each([
  ['/home/me/app', '/home/me/app'],
  ['  /home/me/app\n', '/home/me/app'],
  ['"/home/me/my app"', '/home/me/my app'],
  ['file:///home/me/my%20app', '/home/me/my app'],
  ['C:\\code\\app', 'C:\\code\\app'],
  ['home/me', undefined],
  ['https://example.com/', undefined],
  ['/a\n/b', undefined],
  ['file://%', undefined],
  ['', undefined],
  [`/${'x'.repeat(5000)}`, undefined],
])('%j', (text, expected) => expect(pastedPath(text)).toBe(expected));
