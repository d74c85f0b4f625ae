import type { BuildEventBody, PlannedStage, PlannedStep } from '../../../shared/build-events.ts';
import type { Dockerfile, Instruction } from '../dockerfile/ast.ts';
import type { BuildGraph } from '../graph/build-graph.ts';

/** The Dockerfile's text alone, so that an error in it can be shown where it is; a later plan takes its place. */
export function sourceEvent(source: string): BuildEventBody {
  return { type: 'build.planned', source, stages: [], steps: [] };
}

/** The event that shows the graph: all stages and steps, those the target does not need as the Dockerfile has them. */
export function plannedEvent(
  dockerfile: Dockerfile,
  graph: BuildGraph,
): Extract<BuildEventBody, { type: 'build.planned' }> {
  return {
    type: 'build.planned',
    source: dockerfile.text,
    stages: graph.stages.map(({ index, name, baseName, base, reads, needed, range }): PlannedStage => ({
      index,
      ...(name === undefined ? {} : { name }),
      base: baseName,
      ...(base?.kind === 'stage' ? { baseStage: base.stage } : {}),
      reads,
      needed,
      range,
    })),
    steps: graph.stages.flatMap((stage): readonly PlannedStep[] =>
      stage.needed
        ? stage.steps.map(({ id, stage: of, number, total, instruction, name, needs, range }) => ({
            id,
            stage: of,
            number,
            total,
            instruction,
            name,
            needs,
            range,
          }))
        : unneededSteps(stage.index, dockerfile.stages[stage.index]!.instructions),
    ),
  };
}

const RUNS: ReadonlySet<Instruction['kind']> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

/** What would run if the target needed the stage; nothing in it has been expanded. */
function unneededSteps(stage: number, instructions: readonly Instruction[]): readonly PlannedStep[] {
  const steps = instructions.filter((instruction) => RUNS.has(instruction.kind));
  return steps.map(({ kind, source, range }, i) => ({
    id: `${stage}/${i}`,
    stage,
    number: i + 1,
    total: steps.length,
    instruction: kind,
    name: source,
    needs: [],
    range,
  }));
}
