import type { StepState } from '../../shared/build-events.ts';

/** Part of a ring, in hundredths of its length, clockwise from the top. */
export interface RingArc {
  readonly state: StepState;
  readonly start: number;
  readonly length: number;
}

/** One arc for each step that has begun, with a gap between neighbours. Steps that wait or are not needed leave the track bare. */
export function ringArcs(states: readonly StepState[]): readonly RingArc[] {
  const share = 100 / Math.max(1, states.length);
  const gap = states.length > 1 ? Math.min(2, share / 4) : 0;
  return states.flatMap((state, index) =>
    state === 'waiting' || state === 'skipped'
      ? []
      : [{ state, start: index * share + gap / 2, length: share - gap }],
  );
}
