import {
  INITIAL_BUILD_STATE,
  elapsedOf,
  foldBuild,
  type BuildState,
  type StepView,
} from '../../shared/build-state.ts';
import { displayText, formatBytes, formatDuration } from '../../shared/format.ts';
import { stepPlaces } from '../../shared/step-place.ts';
import { STEP_STATE_WORDS, isOpen } from '../../shared/step-states.ts';
import { stepPlace } from './progress-plain.ts';
import { missLines } from './miss-lines.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import type { Terminal } from './streams.ts';

const REDRAW_MS = 80;
const LOG_LINES = 4;
/** A reason may name fifty files; `slipway explain` shows them all. */
const WHY_LINES = 6;

const COLOURS: Readonly<Record<StepView['state'], string>> = {
  waiting: '\u001b[2m',
  running: '\u001b[36m',
  cached: '\u001b[34m',
  built: '\u001b[32m',
  failed: '\u001b[31m',
  skipped: '\u001b[2m',
  cancelled: '\u001b[33m',
};
const PLAIN = '\u001b[0m';

/**
 * Live lines on a terminal: one for each task and step, redrawn in place, with the last output of what is running. What
 * is above the region is left alone, and the last drawing stays when the build is over. `NO_COLOR` is respected.
 */
export function createTtyProgress(terminal: Terminal, { explain }: ProgressOptions): Progress {
  const colour = !terminal.environment['NO_COLOR'];
  let state: BuildState = INITIAL_BUILD_STATE;
  let drawn = 0;
  let closed = false;
  let lastFrame = '';

  const draw = (): void => {
    // A terminal that does not know its size says 0.
    const columns = terminal.stderr.columns || 80;
    const rows = terminal.stderr.rows || 24;
    const lines = render(state, { width: columns - 1, height: rows - 1, colour, explain, now: Date.now() });
    const frame = lines.join('\n');
    if (frame === lastFrame) return;
    lastFrame = frame;
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    terminal.stderr.write(`${up}\r${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();

  return {
    onEvents(events) {
      state = foldBuild(events, state);
    },
    close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      draw();
    },
  };
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly colour: boolean;
  readonly explain: boolean;
  readonly now: number;
}

/** The lines of one drawing, none wider than the terminal and no more than fit: finished steps give way first. */
export function render(state: BuildState, frame: Frame): readonly string[] {
  const { counts } = state;
  const shownSteps = state.steps.filter((step) => step.state !== 'skipped');
  const done = shownSteps.filter((step) => !isOpen(step.state)).length;
  const elapsed = formatDuration(elapsedOf(state, frame.now));
  const word = state.outcome ?? 'building';
  const head = clip(
    `Slipway ${word} ${displayText(state.request?.tags[0] ?? state.request?.folder ?? '')} · ${done}/${shownSteps.length} steps, ${counts.cached} cached · ${elapsed}`,
    frame.width,
  );
  const tasks = state.tasks.map((task) =>
    stateLine(
      task.error ? 'failed' : task.finishedAt === undefined ? 'running' : 'built',
      `[internal] ${displayText(task.name)}${amount(task.progress)}`,
      elapsedOf(task, frame.now),
      frame,
    ),
  );
  const steps = shownSteps.flatMap((step) => stepLines(state, step, frame));
  const warnings = state.warnings.map(({ message }) => clip(`! ${displayText(message)}`, frame.width));
  const body = [...tasks, ...steps, ...warnings];
  return [head, ...body.slice(-Math.max(1, frame.height - 1))];
}

function stepLines(state: BuildState, step: StepView, frame: Frame): readonly string[] {
  const size = step.size && step.state === 'built' ? ` ${formatBytes(step.size)}` : '';
  const text = `${stepPlace(step, state.stages)} ${displayText(step.name, 400)}${amount(step.progress)}${size}`;
  const line = stateLine(
    step.state,
    text,
    step.startedAt === undefined ? undefined : elapsedOf(step, frame.now),
    frame,
  );
  const why =
    frame.explain && step.miss
      ? missLines(step.miss, stepPlaces(state.steps, state.stages)).slice(0, WHY_LINES)
      : [];
  const head = [line, ...why.map((text) => clip(`    ${text}`, frame.width))];
  if (step.state !== 'running') return head;
  const log = state.logs.get(step.id)?.lines.slice(-LOG_LINES) ?? [];
  return [...head, ...log.map(({ text: output }) => clip(`    ${displayText(output)}`, frame.width))];
}

function amount(progress: StepView['progress']): string {
  if (!progress) return '';
  const show = progress.unit === 'bytes' ? formatBytes : (count: number) => `${count} files`;
  return ` ${show(progress.current)}${progress.total ? ` / ${show(progress.total)}` : ''}`;
}

function stateLine(
  state: StepView['state'],
  text: string,
  elapsed: number | undefined,
  frame: Frame,
): string {
  const { mark, word } = STEP_STATE_WORDS[state];
  const right =
    state === 'cached' || state === 'failed' || state === 'cancelled'
      ? word
      : elapsed === undefined
        ? ''
        : formatDuration(elapsed);
  const left = clip(`${mark} ${text}`, frame.width - right.length - 1);
  const line = `${left}${' '.repeat(Math.max(1, frame.width - left.length - right.length))}${right}`;
  return frame.colour ? `${COLOURS[state]}${line}${PLAIN}` : line;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
