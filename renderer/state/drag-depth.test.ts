import { expect, test } from 'vitest';
import { createDragDepth } from './drag-depth.ts';

test('a drag over nested elements is one drag', () => {
  const seen: boolean[] = [];
  const depth = createDragDepth((dragging) => seen.push(dragging));
  depth.enter();
  depth.enter();
  depth.leave();
  expect(seen).toEqual([true]);
  depth.leave();
  expect(seen).toEqual([true, false]);
});

test('a drop ends it, and stray leaves do not count', () => {
  const seen: boolean[] = [];
  const depth = createDragDepth((dragging) => seen.push(dragging));
  depth.enter();
  depth.enter();
  depth.reset();
  depth.leave();
  depth.enter();
  expect(seen).toEqual([true, false, true]);
});
