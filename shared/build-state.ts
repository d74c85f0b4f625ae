import type {
  BuildEvent,
  BuildOutcome,
  BuildTrigger,
  BuiltImage,
  PlannedStage,
  PlannedStep,
  StepState,
} from './build-events.ts';
import type { ErrorPayload } from './error-payload.ts';
import { EMPTY_LOG, appendLog, type LogChunk, type StepLog } from './log-lines.ts';
import type { MissReason } from './miss-reason.ts';
import type { SourceRange } from './source-range.ts';
import { isOpen } from './step-states.ts';

/** A build as far as its events have been read: what the window, the command line and a replay show. */
export interface BuildState {
  readonly phase: 'waiting' | 'preparing' | 'building' | 'finished';
  /** Absent until the first event. */
  readonly request?: BuildRequestView;
  /** The Dockerfile's text; empty until it is known. */
  readonly source: string;
  readonly stages: readonly StageView[];
  /** In the plan's order. */
  readonly steps: readonly StepView[];
  readonly tasks: readonly TaskView[];
  /** By id of step or task. */
  readonly logs: ReadonlyMap<string, StepLog>;
  readonly warnings: readonly BuildWarning[];
  readonly counts: Readonly<Record<StepState, number>>;
  readonly outcome?: BuildOutcome;
  readonly image?: BuiltImage;
  readonly error?: ErrorPayload;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** The last event's `seq`; -1 before the first. */
  readonly seq: number;
}

export interface BuildRequestView {
  readonly buildId: string;
  readonly folder: string;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly platform: string;
  readonly trigger: BuildTrigger;
}

export interface Progress {
  readonly label: string;
  readonly current: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'files';
}

interface Timed {
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** The latest, while it is at work. */
  readonly progress?: Progress;
  readonly error?: ErrorPayload;
}

export interface StepView extends PlannedStep, Timed {
  readonly state: StepState;
  /** Why it was not in the cache; absent in builds of versions that did not tell. */
  readonly miss?: MissReason;
  /** Bytes of its layer. */
  readonly size?: number;
  /** The layer's diffID. */
  readonly layer?: string;
}

export interface StageView extends PlannedStage, Timed {
  /** What its steps come to. */
  readonly state: StepState;
  /** Bytes of the layers its steps made or found; 0 where none is known. */
  readonly size: number;
}

export interface TaskView extends Timed {
  readonly id: string;
  readonly name: string;
  /** Whether all steps had ended when it began: it finishes the build rather than preparing it. */
  readonly closing: boolean;
}

export interface BuildWarning {
  readonly code: string;
  readonly message: string;
  readonly range?: SourceRange;
  readonly url?: string;
}

const NO_COUNTS: Readonly<Record<StepState, number>> = {
  waiting: 0,
  running: 0,
  cached: 0,
  built: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
};

/** Before the first event. */
export const INITIAL_BUILD_STATE: BuildState = {
  phase: 'waiting',
  source: '',
  stages: [],
  steps: [],
  tasks: [],
  logs: new Map(),
  warnings: [],
  counts: NO_COUNTS,
  seq: -1,
};

/**
 * The state after the events. Pure: `from` stays as it was, and parts that did not change are shared with it. Events whose
 * `seq` has been seen are ignored, so a stream may be read again from its beginning; events about unknown steps are too.
 * Costs O(events + steps), whatever the length of the logs; call it once for a batch.
 */
export function foldBuild(events: readonly BuildEvent[], from: BuildState = INITIAL_BUILD_STATE): BuildState {
  const fresh = events.filter((event) => event.seq > from.seq);
  if (fresh.length === 0) return from;
  const draft: Draft = { ...from, steps: [...from.steps], tasks: [...from.tasks], logs: new Map(from.logs) };
  const output = new Map<string, LogChunk[]>();
  for (const event of fresh) {
    if (event.type === 'step.log') collect(output, event);
    else apply(draft, event);
    draft.seq = event.seq;
  }
  for (const [id, chunks] of output) draft.logs.set(id, appendLog(draft.logs.get(id) ?? EMPTY_LOG, chunks));
  draft.counts = countStates(draft.steps);
  draft.stages = draft.stages.map((stage) => summarizeStage(stage, draft));
  return draft;
}

/** {@link foldBuild} for a single event. */
export function foldBuildEvent(state: BuildState, event: BuildEvent): BuildState {
  return foldBuild([event], state);
}

/** Milliseconds the build has taken at `now` (milliseconds since 1970); 0 before it started. */
export function elapsedOf(
  timed: { readonly startedAt?: number; readonly finishedAt?: number },
  now: number,
): number {
  if (timed.startedAt === undefined) return 0;
  return Math.max(0, (timed.finishedAt ?? now) - timed.startedAt);
}

/** Steps that the target needs: what a cache hit ratio is measured against. */
export function neededSteps(state: BuildState): number {
  return state.steps.length - state.counts.skipped;
}

type Draft = { -readonly [Key in keyof BuildState]: BuildState[Key] } & {
  steps: StepView[];
  tasks: TaskView[];
  logs: Map<string, StepLog>;
};

/** Output is added once a batch, as adding costs a copy of the kept lines. */
function collect(output: Map<string, LogChunk[]>, event: Extract<BuildEvent, { type: 'step.log' }>): void {
  const chunks = output.get(event.step);
  if (chunks) chunks.push(event);
  else output.set(event.step, [event]);
}

function apply(draft: Draft, event: Exclude<BuildEvent, { type: 'step.log' }>): void {
  switch (event.type) {
    case 'build.started': {
      const { seq: _seq, time, type: _type, ...request } = event;
      draft.request = request;
      draft.startedAt = time;
      draft.phase = 'preparing';
      return;
    }
    case 'task.started':
      draft.tasks.push({
        id: event.id,
        name: event.name,
        startedAt: event.time,
        closing: draft.steps.length > 0 && draft.steps.every((step) => !isOpen(step.state)),
      });
      return;
    case 'task.finished':
      updateLast(draft.tasks, event.id, (task) => finish(task, event.time, event.error));
      return;
    case 'build.planned':
      plan(draft, event);
      return;
    case 'step.started':
      updateLast(draft.steps, event.step, (step): StepView => ({
        ...step,
        state: 'running',
        startedAt: event.time,
      }));
      return;
    case 'progress': {
      const { label, current, unit, total } = event;
      const progress: Progress =
        total === undefined ? { label, current, unit } : { label, current, unit, total };
      if (!updateLast(draft.steps, event.step, (step) => ({ ...step, progress })))
        updateLast(draft.tasks, event.step, (task) => ({ ...task, progress }));
      return;
    }
    case 'step.cache':
      updateLast(draft.steps, event.step, (step) => ({ ...step, miss: event.reason }));
      return;
    case 'step.finished': {
      const { state, size, layer } = event;
      updateLast(draft.steps, event.step, (step) => ({
        ...finish(step, event.time, event.error),
        state,
        ...(size === undefined ? {} : { size }),
        ...(layer === undefined ? {} : { layer }),
      }));
      return;
    }
    case 'warning': {
      const { seq: _seq, time: _time, type: _type, ...warning } = event;
      draft.warnings = [...draft.warnings, warning];
      return;
    }
    case 'build.finished':
      draft.phase = 'finished';
      draft.outcome = event.outcome;
      draft.finishedAt = event.time;
      if (event.image) draft.image = event.image;
      if (event.error) draft.error = event.error;
      settleOpenWork(draft, event.outcome, event.time);
      return;
  }
}

function plan(draft: Draft, event: Extract<BuildEvent, { type: 'build.planned' }>): void {
  const earlier = new Map(draft.steps.map((step) => [step.id, step]));
  const needed = new Set(event.stages.filter((stage) => stage.needed).map((stage) => stage.index));
  draft.phase = 'building';
  draft.source = event.source;
  draft.stages = event.stages.map((stage) => ({ ...stage, state: 'waiting', size: 0 }));
  draft.steps = event.steps.map((step): StepView => ({
    state: needed.has(step.stage) ? 'waiting' : 'skipped',
    ...earlier.get(step.id),
    ...step,
  }));
}

/** Ends one piece of work; a step that finishes without having started took no time. */
function finish<Work extends Timed>(work: Work, time: number, error: ErrorPayload | undefined): Work {
  const { progress: _progress, ...rest } = work;
  return {
    ...(rest as Work),
    startedAt: work.startedAt ?? time,
    finishedAt: time,
    ...(error === undefined ? {} : { error }),
  };
}

/** Nothing is open in a finished build, even where the engine had no time to say how each piece ended. */
function settleOpenWork(draft: Draft, outcome: BuildOutcome, time: number): void {
  const left: StepState = outcome === 'succeeded' ? 'skipped' : 'cancelled';
  draft.steps = draft.steps.map((step): StepView => {
    if (!isOpen(step.state)) return step;
    return step.state === 'running'
      ? { ...finish(step, time, undefined), state: 'cancelled' }
      : { ...step, state: left };
  });
  draft.tasks = draft.tasks.map((task) =>
    task.finishedAt === undefined ? finish(task, time, undefined) : task,
  );
}

/** Looked for from the end: a task may run twice, and the running one is meant. */
function updateLast<Item extends { readonly id: string }>(
  items: Item[],
  id: string,
  change: (item: Item) => Item,
): boolean {
  const index = items.findLastIndex((item) => item.id === id);
  if (index < 0) return false;
  items[index] = change(items[index]!);
  return true;
}

function countStates(steps: readonly StepView[]): Readonly<Record<StepState, number>> {
  const counts = { ...NO_COUNTS };
  for (const step of steps) counts[step.state]++;
  return counts;
}

function summarizeStage(stage: StageView, draft: Draft): StageView {
  const steps = draft.steps.filter((step) => step.stage === stage.index);
  const started = steps.flatMap((step) => step.startedAt ?? []);
  const done = steps.every((step) => !isOpen(step.state));
  const finished = steps.flatMap((step) => step.finishedAt ?? []);
  const { startedAt: _startedAt, finishedAt: _finishedAt, ...planned } = stage;
  return {
    ...planned,
    state: stageState(steps, stage.needed),
    size: steps.reduce((sum, step) => sum + (step.size ?? 0), 0),
    ...(started.length === 0 ? {} : { startedAt: Math.min(...started) }),
    ...(!done || finished.length === 0 ? {} : { finishedAt: Math.max(...finished) }),
  };
}

function stageState(steps: readonly StepView[], needed: boolean): StepState {
  const some = (state: StepState): boolean => steps.some((step) => step.state === state);
  if (!needed) return 'skipped';
  if (some('failed')) return 'failed';
  if (some('cancelled')) return 'cancelled';
  if (some('running')) return 'running';
  // Between two steps a stage is at work, though none of its steps is.
  if (some('waiting')) return steps.every((step) => step.state === 'waiting') ? 'waiting' : 'running';
  if (some('built')) return 'built';
  if (some('cached')) return 'cached';
  return steps.length === 0 ? 'waiting' : 'skipped';
}
