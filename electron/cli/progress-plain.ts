import type { BuildEvent, PlannedStage, PlannedStep } from '../../shared/build-events.ts';
import { displayText, formatBytes } from '../../shared/format.ts';
import { stepPlaces } from '../../shared/step-place.ts';
import { missLines } from './miss-lines.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import { note, type Terminal } from './streams.ts';

/**
 * Plain lines, in the shape people and scripts know from BuildKit: `#3 [builder 2/4] COPY . .`, then `#3 CACHED`,
 * `#3 DONE 1.2s`, `#3 ERROR: …` or `#3 CANCELED`.
 */
export function createPlainProgress(terminal: Terminal, { explain }: ProgressOptions): Progress {
  const numbers = new Map<string, number>();
  const started = new Map<string, number>();
  let stages: readonly PlannedStage[] = [];
  let steps = new Map<string, PlannedStep>();

  const numberOf = (id: string): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, numbers.size + 1);
    return numbers.size;
  };
  const line = (id: string, text: string): void => note(terminal, `#${numberOf(id)} ${text}`);
  const seconds = (id: string, until: number): string =>
    `${((until - (started.get(id) ?? until)) / 1000).toFixed(1)}s`;
  const announce = (step: PlannedStep): void => {
    if (!numbers.has(step.id)) line(step.id, `${stepPlace(step, stages)} ${displayText(step.name, 400)}`);
  };

  const show = (event: BuildEvent): void => {
    switch (event.type) {
      case 'build.planned':
        stages = event.stages;
        steps = new Map(event.steps.map((step) => [step.id, step]));
        return;
      case 'task.started':
        started.set(event.id, event.time);
        line(event.id, `[internal] ${displayText(event.name)}`);
        return;
      case 'task.finished':
        line(
          event.id,
          event.error
            ? `ERROR: ${displayText(event.error.message)}`
            : `DONE ${seconds(event.id, event.time)}`,
        );
        return;
      case 'step.started': {
        started.set(event.step, event.time);
        const step = steps.get(event.step);
        if (step) announce(step);
        return;
      }
      case 'step.log':
        for (const text of event.text.replace(/\n$/, '').split('\n')) line(event.step, displayText(text));
        return;
      case 'step.cache':
        if (!explain) return;
        for (const text of missLines(event.reason, stepPlaces([...steps.values()], stages)))
          line(event.step, text);
        return;
      case 'step.finished': {
        if (event.state === 'skipped' || !started.has(event.step)) return;
        const size = event.size ? ` ${formatBytes(event.size)}` : '';
        if (event.state === 'cached') line(event.step, 'CACHED');
        else if (event.state === 'built') line(event.step, `DONE ${seconds(event.step, event.time)}${size}`);
        else if (event.state === 'failed')
          line(event.step, `ERROR: ${displayText(event.error?.message ?? 'failed')}`);
        else line(event.step, 'CANCELED');
        return;
      }
      case 'warning':
        note(
          terminal,
          `warning: ${event.range ? `line ${event.range.startLine}: ` : ''}${displayText(event.message)}`,
        );
        return;
      case 'build.started':
      case 'progress':
      case 'build.finished':
        return;
    }
  };

  return { onEvents: (events) => events.forEach(show), close: () => undefined };
}

/** `[builder 2/4]`, or `[2/4]` where there is only one stage without a name. */
export function stepPlace(
  step: Pick<PlannedStep, 'stage' | 'number' | 'total'>,
  stages: readonly PlannedStage[],
): string {
  const stage = stages.find(({ index }) => index === step.stage);
  const name = stage?.name ?? (stages.length > 1 ? `stage-${step.stage}` : '');
  return `[${name}${name && ' '}${step.number}/${step.total}]`;
}
