import { describe, expect, test } from 'vitest';
import type { PlannedStage } from '../../shared/build-events.ts';
import { COLUMN, edgePath, gutter, stageEdges, topOf } from './stage-edges.ts';

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };

function stages(...links: { readonly base?: number; readonly reads?: readonly number[] }[]): PlannedStage[] {
  return links.map(({ base, reads = [] }, index) => ({
    index,
    base: 'x',
    reads,
    needed: true,
    range,
    ...(base === undefined ? {} : { baseStage: base }),
  }));
}

describe('stageEdges', () => {
  test('a stage that is continued and read has one edge', () => {
    expect(stageEdges(stages({}, { base: 0, reads: [0] }))).toEqual([
      { from: 0, to: 1, kind: 'continues', track: 0 },
    ]);
  });

  test('overlapping edges of one kind run in tracks of their own, short ones nearest', () => {
    const edges = stageEdges(stages({}, {}, { reads: [0] }, { reads: [0, 1, 2, 1] }));
    expect(edges.map(({ from, to, track }) => [from, to, track])).toEqual([
      [2, 3, 0],
      [0, 2, 0],
      [1, 3, 1],
      [0, 3, 2],
    ]);
  });

  test('edges of different kinds do not disturb each other', () => {
    const edges = stageEdges(stages({}, { base: 0 }, { base: 0, reads: [1] }));
    expect(edges.filter((edge) => edge.kind === 'reads')).toEqual([
      { from: 1, to: 2, kind: 'reads', track: 0 },
    ]);
  });

  test('a stage that does not exist is ignored', () => {
    expect(stageEdges(stages({ reads: [7] }))).toEqual([]);
  });
});

test('however many tracks there are, stages keep most of the width', () => {
  const many = Array.from({ length: 40 }, (_, index) => ({
    reads: Array.from({ length: index }, (_, at) => at),
  }));
  expect(gutter(stageEdges(stages(...many)), 'reads')).toBeLessThan(COLUMN.width / 4);
});

test('a path leaves its stage and ends with an arrow at the other', () => {
  const edge = { from: 0, to: 2, kind: 'reads', track: 0 } as const;
  const path = edgePath(edge, 20, 20);
  expect(path.startsWith(`M${COLUMN.width - 20} ${topOf(0) + COLUMN.node - 14}`)).toBe(true);
  expect(path).toContain(`L${COLUMN.width - 19} ${topOf(2) + 14}`);
});
