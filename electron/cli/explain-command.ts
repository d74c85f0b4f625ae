import type { Command } from 'commander';
import type { BuildEvent, BuildSummary } from '../../shared/build-events.ts';
import { foldBuild, type BuildState, type StepView } from '../../shared/build-state.ts';
import { displayText } from '../../shared/format.ts';
import { STEP_STATE_WORDS } from '../../shared/step-states.ts';
import { stepPlaces } from '../../shared/step-place.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { CommandContext } from './command-context.ts';
import { missLines } from './miss-lines.ts';
import { stepPlace } from './progress-plain.ts';
import { print } from './streams.ts';

/** `slipway explain`: why the steps of a build ran, from its log. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command('explain')
    .description('say why steps of a build were not found in the cache')
    .argument('<build>', 'the build’s id, or how it begins; or last')
    .argument('[step]', 'one step, as STAGE/NUMBER; NUMBER where there is one stage')
    .option('--json', 'print JSON')
    .action(async (build: string, step: string | undefined, { json }: { json?: boolean }) => {
      const { builds } = await context.engine();
      const state = await readBuild(builds, findBuild(builds, build));
      const steps = step === undefined ? state.steps : [findStep(state, step)];
      if (json) return print(terminal, JSON.stringify(steps.map(asJson), null, 2));
      const shown = step === undefined ? steps.filter(({ state: ended }) => ended !== 'skipped') : steps;
      const placeOf = stepPlaces(state.steps, state.stages);
      for (const each of shown) {
        print(terminal, `${stepPlace(each, state.stages)} ${displayText(each.name, 400)}`);
        const lines = each.miss ? missLines(each.miss, placeOf) : [withoutReason(each)];
        for (const line of lines) print(terminal, `  ${line}`);
      }
    });
}

function asJson({ id, stage, number, name, state, miss }: StepView): object {
  return { id, stage, number, name, state, ...(miss ? { reason: miss } : {}) };
}

/** Builds of earlier versions did not tell. */
function withoutReason({ state }: StepView): string {
  return state === 'built' || state === 'failed'
    ? `${STEP_STATE_WORDS[state].word}; this build does not say why`
    : STEP_STATE_WORDS[state].word;
}

function findBuild(builds: Engine['builds'], text: string): BuildSummary {
  const all = builds.list();
  const found = text === 'last' ? all.slice(0, 1) : all.filter(({ id }) => id.startsWith(text));
  const [build] = found;
  if (!build) {
    throw new EngineError('BUILD_NOT_FOUND', `There is no build ${displayText(text, 80)}.`, {
      hint: all[0] ? `The last build is ${all[0].id}.` : 'Nothing was built with this store yet.',
    });
  }
  if (found.length > 1 && !found.some(({ id }) => id === text)) {
    throw new EngineError('BUILD_AMBIGUOUS', `Several builds have an id that begins with ${text}.`, {
      hint: `They are ${found
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}${found.length > 5 ? ', …' : ''}.`,
    });
  }
  return found.find(({ id }) => id === text) ?? build;
}

async function readBuild(builds: Engine['builds'], { id }: BuildSummary): Promise<BuildState> {
  const events: BuildEvent[] = [];
  for await (const event of builds.events(id)) if (event.type !== 'step.log') events.push(event);
  return foldBuild(events);
}

function findStep({ steps, stages }: BuildState, text: string): StepView {
  const slash = text.lastIndexOf('/');
  const number = Number(text.slice(slash + 1));
  const name = text.slice(0, Math.max(0, slash)).toLowerCase();
  const stage =
    slash < 0
      ? stages.filter(({ needed }) => needed)
      : stages.filter((each) => each.name === name || `stage-${each.index}` === name);
  const found =
    stage.length === 1
      ? steps.find((step) => step.stage === stage[0]!.index && step.number === number)
      : undefined;
  const step = found ?? steps.find(({ id }) => id === text);
  if (step) return step;
  throw new EngineError('STEP_NOT_FOUND', `The build has no step ${displayText(text, 80)}.`, {
    hint: 'Name it as STAGE/NUMBER, as builder/3; a stage without a name is stage-0, stage-1, and so on.',
  });
}
