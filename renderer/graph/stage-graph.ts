import dagre from '@dagrejs/dagre';
import type { PlannedStage } from '../../shared/build-events.ts';

/** A stage's place in the picture, in pixels. */
export interface PlacedStage {
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

export interface StageEdge {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** `continues`: FROM that stage. `reads`: COPY --from or a mount. */
  readonly kind: 'continues' | 'reads';
}

export const STAGE_WIDTH = 168;
export const STAGE_HEIGHT = 56;

/** The edges between stages; a stage that is both continued and read has the stronger one only. */
export function stageEdges(stages: readonly PlannedStage[]): readonly StageEdge[] {
  const known = new Set(stages.map((stage) => stage.index));
  return stages.flatMap((stage) => {
    const edges = new Map<number, StageEdge>();
    const add = (from: number, kind: StageEdge['kind']): void => {
      if (known.has(from)) edges.set(from, { id: `${from}-${stage.index}`, from, to: stage.index, kind });
    };
    for (const from of stage.reads) add(from, 'reads');
    if (stage.baseStage !== undefined) add(stage.baseStage, 'continues');
    return [...edges.values()];
  });
}

/** Places stages in layers from top to bottom, so that every edge points down. */
export function placeStages(stages: readonly PlannedStage[]): readonly PlacedStage[] {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 20, ranksep: 36, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const stage of stages) graph.setNode(String(stage.index), { width: STAGE_WIDTH, height: STAGE_HEIGHT });
  for (const edge of stageEdges(stages)) graph.setEdge(String(edge.from), String(edge.to));
  dagre.layout(graph);
  return stages.map((stage) => {
    const { x, y } = graph.node(String(stage.index)) as { x: number; y: number };
    return { index: stage.index, x: x - STAGE_WIDTH / 2, y: y - STAGE_HEIGHT / 2 };
  });
}
