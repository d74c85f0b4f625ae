import type { BuildState, StepView } from '../../shared/build-state.ts';
import type { LogLine } from '../../shared/log-lines.ts';
import { sourceExcerpt } from '../graph/source-excerpt.ts';
import { plainText } from '../log/ansi.ts';

const LAST_LINES = 30;

/** The step that failed, where the build failed in one. */
export function failedStep(build: BuildState): StepView | undefined {
  return build.steps.find((step) => step.state === 'failed');
}

/** The end of what the failed step printed: from its log, else as its error tells it; empty where it printed nothing. */
export function lastLines(build: BuildState): readonly LogLine[] {
  const step = failedStep(build);
  const logged = (step && build.logs.get(step.id)?.lines.slice(-LAST_LINES)) ?? [];
  if (logged.length > 0) return logged;
  const told = build.error?.command?.lastLines ?? [];
  return told.map((text, index) => ({ number: index + 1, stream: 'stdout', text }));
}

/** What to paste where one asks for help: the sentence, the place in the Dockerfile, and the end of the failed step's output. */
export function failureReport(build: BuildState): string {
  const { error } = build;
  const step = failedStep(build);
  const range = error?.range ?? step?.range;
  const lines = [`${error?.message ?? 'The build failed.'} [${error?.code ?? 'UNKNOWN'}]`];
  if (error?.hint) lines.push(error.hint);
  if (step) lines.push('', `Step ${step.number}/${step.total}: ${step.name}`);
  if (range) {
    lines.push('', `${error?.file ?? build.request?.dockerfile ?? 'Dockerfile'}:${range.startLine}`);
    for (const line of build.source === '' ? [] : sourceExcerpt(build.source, range))
      lines.push(`${line.inRange ? '>' : ' '} ${line.number} | ${line.before}${line.marked}${line.after}`);
  }
  const output = lastLines(build);
  if (output.length > 0) lines.push('', ...output.map((line) => plainText(line.text)));
  return `${lines.join('\n')}\n`;
}
