import type { PlannedStage, PlannedStep } from './build-events.ts';
import { displayText, familiarReference, formatCount } from './format.ts';
import type { MissReason } from './miss-reason.ts';
import { causeWords } from './miss-words.ts';
import { stepPlaces } from './step-place.ts';

/** What a build would do, as far as it can be known without running anything. */
export interface Prediction {
  readonly stages: readonly PlannedStage[];
  /** Those that the target needs. */
  readonly steps: readonly PredictedStep[];
  /** Full references of images that must be pulled first; then nothing is known of the steps. */
  readonly missing: readonly string[];
}

export interface PredictedStep extends PlannedStep {
  /** depends: a step that it needs will run, and if that makes the same as before this one is a hit. */
  readonly state: 'hit' | 'miss' | 'depends';
  /** Of a miss and of one that depends. */
  readonly reason?: MissReason;
}

/** The prediction in one line: `3 cached, 2 will run: src/app.ts changed`. */
export function predictionWords(prediction: Prediction): string {
  const { steps, stages, missing } = prediction;
  const [image] = missing;
  if (image !== undefined)
    return `${displayText(familiarReference(image), 200)} will be pulled; the steps are known after that`;
  const count = (state: PredictedStep['state']): number =>
    steps.filter((step) => step.state === state).length;
  const [hits, misses, open] = [count('hit'), count('miss'), count('depends')];
  if (misses + open === 0)
    return steps.length === 0 ? 'Nothing will run' : `All ${formatCount(hits, 'step')} cached`;
  const first = steps.find(({ state }) => state === 'miss');
  const why = first?.reason ? `: ${causeWords(first.reason.cause, stepPlaces(steps, stages))}` : '';
  const parts = [
    ...(hits > 0 ? [`${hits} cached`] : []),
    ...(misses > 0 ? [`${misses} will run`] : []),
    ...(open > 0 ? [`${open} may run`] : []),
  ];
  return `${parts.join(', ')}${why}`;
}
