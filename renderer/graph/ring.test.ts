import { expect, test } from 'vitest';
import { ringArcs } from './ring.ts';

test('each step that has begun has its share of the ring', () => {
  const arcs = ringArcs(['cached', 'built', 'waiting', 'skipped']);
  expect(arcs).toEqual([
    { state: 'cached', start: 1, length: 23 },
    { state: 'built', start: 26, length: 23 },
  ]);
});

test('a single step fills the ring, and none leaves it bare', () => {
  expect(ringArcs(['failed'])).toEqual([{ state: 'failed', start: 0, length: 100 }]);
  expect(ringArcs([])).toEqual([]);
});
