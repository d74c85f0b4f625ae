import type { PlannedStage } from '../../shared/build-events.ts';

/** One stage using another. */
export interface StageEdge {
  readonly from: number;
  readonly to: number;
  /** `continues`: FROM that stage. `reads`: COPY --from or a mount. */
  readonly kind: 'continues' | 'reads';
  /** Which track beside the stages it runs in: 0 is the nearest. Edges of one kind never share a track where they overlap. */
  readonly track: number;
}

/**
 * The edges between stages that stand in a column in the Dockerfile's order, which every edge follows. A stage that is
 * both continued and read has the stronger edge only. Short edges get the near tracks. O(edges²), and few edges.
 */
export function stageEdges(stages: readonly PlannedStage[]): readonly StageEdge[] {
  const known = new Set(stages.map((stage) => stage.index));
  const bare = stages.flatMap((stage) => {
    const base = stage.baseStage;
    const reads = new Set(stage.reads.filter((from) => from !== base));
    return [
      ...(base === undefined ? [] : [{ from: base, to: stage.index, kind: 'continues' as const }]),
      ...[...reads].map((from) => ({ from, to: stage.index, kind: 'reads' as const })),
    ].filter((edge) => known.has(edge.from));
  });
  const placed: StageEdge[] = [];
  for (const edge of bare.sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)) {
    const beside = placed.filter(
      (other) => other.kind === edge.kind && other.from < edge.to && edge.from < other.to,
    );
    let track = 0;
    while (beside.some((other) => other.track === track)) track++;
    placed.push({ ...edge, track });
  }
  return placed;
}

/** Sizes of the column, in pixels. */
export const COLUMN = {
  width: 216,
  node: 52,
  gap: 20,
  top: 12,
  nearest: 10,
  between: 6,
  mostTracks: 4,
} as const;

/** Room beside the stages for one kind of edge. */
export function gutter(edges: readonly StageEdge[], kind: StageEdge['kind']): number {
  const tracks = edges.filter((edge) => edge.kind === kind).map((edge) => edge.track + 1);
  return COLUMN.nearest + 4 + COLUMN.between * Math.min(COLUMN.mostTracks, Math.max(0, ...tracks));
}

/** Distance of the stage's upper edge from the column's top. */
export function topOf(position: number): number {
  return COLUMN.top + position * (COLUMN.node + COLUMN.gap);
}

/** An edge as an SVG path with rounded corners and an arrow head: along the left side where it continues, the right where it reads. */
export function edgePath(edge: StageEdge, left: number, right: number): string {
  const side = edge.kind === 'continues' ? -1 : 1;
  const x = side < 0 ? left : COLUMN.width - right;
  const out = COLUMN.nearest + COLUMN.between * Math.min(edge.track, COLUMN.mostTracks - 1);
  const start = topOf(edge.from) + COLUMN.node - 14;
  const end = topOf(edge.to) + 14;
  const corner = 5;
  const turn = side < 0 ? 0 : 1;
  return [
    `M${x} ${start}`,
    `h${side * (out - corner)}`,
    `a${corner} ${corner} 0 0 ${turn} ${side * corner} ${corner}`,
    `V${end - corner}`,
    `a${corner} ${corner} 0 0 ${turn} ${-side * corner} ${corner}`,
    `H${x + side}`,
    `m${side * 4} -3.5 L${x + side} ${end} l${side * 4} 3.5`,
  ].join('');
}
