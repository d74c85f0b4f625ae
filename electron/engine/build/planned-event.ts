import type { BuildEventBody } from '../../../shared/build-events.ts';
import type { BuildGraph } from '../graph/build-graph.ts';

/** The event that shows the graph: its stages and steps, and the Dockerfile's text. */
export function plannedEvent(source: string, graph: BuildGraph): BuildEventBody {
  return {
    type: 'build.planned',
    source,
    stages: graph.stages.map(({ index, name, baseName, base, reads, needed, range }) => ({
      index,
      ...(name === undefined ? {} : { name }),
      base: baseName,
      ...(base?.kind === 'stage' ? { baseStage: base.stage } : {}),
      reads,
      needed,
      range,
    })),
    steps: graph.steps.map(({ id, stage, number, total, instruction, name, needs, range }) => ({
      id,
      stage,
      number,
      total,
      instruction,
      name,
      needs,
      range,
    })),
  };
}
