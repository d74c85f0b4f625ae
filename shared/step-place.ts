import { displayText } from './format.ts';

interface Placed {
  readonly id: string;
  readonly stage: number;
  readonly number: number;
}

/** How a step is named in a sentence, by its id: `step 3 of builder`, or `step 3` where there is one stage. */
export function stepPlaces(
  steps: readonly Placed[],
  stages: readonly { readonly index: number; readonly name?: string }[],
): (step: string) => string {
  return (id) => {
    const step = steps.find((each) => each.id === id);
    if (!step) return 'an earlier step';
    if (stages.length < 2) return `step ${step.number}`;
    const name = stages.find(({ index }) => index === step.stage)?.name;
    return `step ${step.number} of ${name === undefined ? `stage ${step.stage}` : displayText(name, 120)}`;
  };
}
