import { expect, test } from 'vitest';
import { nextIndex } from './list-keys.ts';

test.each([
  ['ArrowDown', -1, 3, 0],
  ['ArrowDown', 2, 3, 2],
  ['j', 0, 3, 1],
  ['ArrowUp', 0, 3, 0],
  ['k', 2, 3, 1],
  ['Home', 2, 3, 0],
  ['End', 0, 3, 2],
  ['Enter', 0, 3, undefined],
  ['ArrowDown', -1, 0, undefined],
])('%s at %i of %i → %s', (key, at, count, expected) => expect(nextIndex(key, at, count)).toBe(expected));
