import type { BuildOutcome, StepState } from './build-events.ts';

/** How one of the seven step states is said and marked. State is never told by colour alone. */
export interface StepStateWords {
  /** On a badge. */
  readonly word: string;
  /** One character for text output. */
  readonly mark: string;
  /** For people who meet the word for the first time. */
  readonly meaning: string;
}

/** In the order a legend or a summary lists them. */
export const STEP_STATES: readonly StepState[] = [
  'running',
  'built',
  'cached',
  'failed',
  'waiting',
  'cancelled',
  'skipped',
];

export const STEP_STATE_WORDS: Readonly<Record<StepState, StepStateWords>> = {
  waiting: { word: 'waiting', mark: '·', meaning: 'Starts when the steps it needs are done' },
  running: { word: 'running', mark: '▸', meaning: 'At work now' },
  cached: {
    word: 'cache hit',
    mark: '≡',
    meaning: 'Nothing it depends on has changed; an earlier result was used',
  },
  built: { word: 'built', mark: '✓', meaning: 'Done in this build' },
  failed: { word: 'failed', mark: '✗', meaning: 'Stopped with an error' },
  skipped: { word: 'not needed', mark: '−', meaning: 'The target does not depend on it' },
  cancelled: { word: 'cancelled', mark: '⊘', meaning: 'The build stopped before it was done' },
};

export const OUTCOME_WORDS: Readonly<Record<BuildOutcome | 'running' | 'lost', string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  running: 'running',
  lost: 'interrupted',
};

/** Whether a step in this state can still change. */
export function isOpen(state: StepState): boolean {
  return state === 'waiting' || state === 'running';
}
