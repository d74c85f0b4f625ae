import type { BuildState } from '../../shared/build-state.ts';
import { sourceExcerpt } from '../graph/source-excerpt.ts';
import { plainText } from '../log/ansi.ts';

const REPORTED_LINES = 30;

/** What to paste where one asks for help: the sentence, the place in the Dockerfile, and the end of the failed step's output. */
export function failureReport(build: BuildState): string {
  const { error } = build;
  const step = build.steps.find((each) => each.state === 'failed');
  const range = error?.range ?? step?.range;
  const lines = [`${error?.message ?? 'The build failed.'} [${error?.code ?? 'UNKNOWN'}]`];
  if (error?.hint) lines.push(error.hint);
  if (step) lines.push('', `Step ${step.number}/${step.total}: ${step.name}`);
  if (range) {
    lines.push('', `${error?.file ?? build.request?.dockerfile ?? 'Dockerfile'}:${range.startLine}`);
    for (const line of build.source === '' ? [] : sourceExcerpt(build.source, range))
      lines.push(`${line.inRange ? '>' : ' '} ${line.number} | ${line.before}${line.marked}${line.after}`);
  }
  const output = step && build.logs.get(step.id)?.lines.slice(-REPORTED_LINES);
  if (output && output.length > 0) lines.push('', ...output.map((line) => plainText(line.text)));
  return `${lines.join('\n')}\n`;
}
