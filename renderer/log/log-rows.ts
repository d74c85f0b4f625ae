import { elapsedOf, type BuildState, type StepView, type TaskView } from '../../shared/build-state.ts';
import { displayText, formatBytes, formatDuration } from '../../shared/format.ts';
import type { StepLog } from '../../shared/log-lines.ts';
import { STEP_STATE_WORDS } from '../../shared/step-states.ts';

/** One row of the log pane. `text` of output still has its control sequences. */
export interface LogRow {
  readonly key: string;
  readonly kind: 'heading' | 'output' | 'note' | 'result' | 'error' | 'warning';
  readonly text: string;
  readonly stream?: 'stdout' | 'stderr';
}

/** Which steps' output is shown: one step's, a stage's, or everything. */
export interface LogScope {
  readonly step?: string | undefined;
  readonly stage?: number | undefined;
}

/**
 * Makes a function that writes the build as text, in the order its work began: a heading for each task and step, its
 * output, and how it ended. It remembers the rows of output, as few logs change between two states.
 */
export function createLogRows(): (state: BuildState, scope: LogScope) => readonly LogRow[] {
  const made = new WeakMap<StepLog, readonly LogRow[]>();
  const output: OutputRows = (id, log) => {
    if (!log) return [];
    const rows = made.get(log) ?? rowsOf(id, log);
    made.set(log, rows);
    return rows;
  };
  return (state, scope) => {
    const whole = scope.step === undefined && scope.stage === undefined;
    const steps = state.steps
      .filter((step) => step.startedAt !== undefined && inScope(step, scope))
      .sort((a, b) => a.startedAt! - b.startedAt!);
    const tasksThat = (closing: boolean): readonly LogRow[] =>
      state.tasks
        .filter((task) => whole && task.closing === closing)
        .flatMap((task) => taskRows(task, output(task.id, state.logs.get(task.id))));
    return [
      ...tasksThat(false),
      ...(whole ? warningRows(state) : []),
      ...steps.flatMap((step) => stepRows(step, state, output(step.id, state.logs.get(step.id)))),
      ...tasksThat(true),
      ...(whole ? endRows(state) : []),
    ];
  };
}

/** How a step is named in text: `builder 2/5` or `stage 1 2/5`. */
export function stepLabel(step: StepView, state: BuildState): string {
  const stage = state.stages[step.stage];
  return `${stage?.name ?? `stage ${step.stage}`} ${step.number}/${step.total}`;
}

function inScope(step: StepView, scope: LogScope): boolean {
  if (scope.step !== undefined) return step.id === scope.step;
  return scope.stage === undefined || step.stage === scope.stage;
}

function taskRows(task: TaskView, output: readonly LogRow[]): readonly LogRow[] {
  const key = `task:${task.id}:${task.startedAt}`;
  const heading: LogRow = { key, kind: 'heading', text: displayText(task.name) };
  if (task.error) return [heading, ...output, errorRow(key, task.error.message)];
  if (task.finishedAt === undefined) return [heading, ...output];
  const text = `done in ${formatDuration(elapsedOf(task, 0))}`;
  return [heading, ...output, { key: `${key}:done`, kind: 'result', text }];
}

function stepRows(step: StepView, state: BuildState, output: readonly LogRow[]): readonly LogRow[] {
  const key = `step:${step.id}`;
  const text = `[${stepLabel(step, state)}] ${displayText(step.name)}`;
  const heading: LogRow = { key, kind: 'heading', text };
  if (step.error) return [heading, ...output, errorRow(key, step.error.message)];
  if (step.state === 'running') return [heading, ...output];
  return [heading, ...output, { key: `${key}:done`, kind: 'result', text: resultOf(step) }];
}

function errorRow(key: string, message: string): LogRow {
  return { key: `${key}:error`, kind: 'error', text: displayText(message) };
}

function resultOf(step: StepView): string {
  const parts = [STEP_STATE_WORDS[step.state].word];
  if (step.state !== 'cached') parts.push(`in ${formatDuration(elapsedOf(step, 0))}`);
  if (step.size !== undefined) parts.push(`· ${formatBytes(step.size)}`);
  return parts.join(' ');
}

function warningRows(state: BuildState): readonly LogRow[] {
  return state.warnings.map((warning, index) => {
    const place = warning.range ? `line ${warning.range.startLine}: ` : '';
    return { key: `warning:${index}`, kind: 'warning', text: displayText(place + warning.message) };
  });
}

/** The error that ended the build, where no step or task has told it. */
function endRows(state: BuildState): readonly LogRow[] {
  const told = [...state.steps, ...state.tasks].some((work) => work.error?.message === state.error?.message);
  return state.error && !told ? [errorRow('build', state.error.message)] : [];
}

/** Rows of a step's output. */
type OutputRows = (id: string, log: StepLog | undefined) => readonly LogRow[];

function rowsOf(id: string, log: StepLog): readonly LogRow[] {
  const rows = log.lines.map(({ number, stream, text }): LogRow => ({
    key: `line:${id}:${number}`,
    kind: 'output',
    text,
    stream,
  }));
  const letGo = (log.lines[0]?.number ?? 1) - 1;
  if (letGo > 0) {
    const text = `${letGo} earlier lines are not shown here; they are in the build’s log file`;
    rows.unshift({ key: `note:${id}`, kind: 'note', text });
  }
  return rows;
}
