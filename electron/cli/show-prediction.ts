import { displayText } from '../../shared/format.ts';
import { causeWords } from '../../shared/miss-words.ts';
import { predictionWords, type PredictedStep, type Prediction } from '../../shared/prediction.ts';
import { stepPlaces } from '../../shared/step-place.ts';
import { missLines } from './miss-lines.ts';
import { stepPlace } from './progress-plain.ts';
import { print, type Terminal } from './streams.ts';

const WORDS: Readonly<Record<PredictedStep['state'], string>> = {
  hit: 'cached',
  miss: 'will run',
  depends: 'may run',
};

/** `slipway build --dry-run`: a line for each step, with `explain` all that is known of why, and the sum of it. */
export function showPrediction(
  terminal: Terminal,
  prediction: Prediction,
  { explain }: { readonly explain: boolean },
): void {
  const { steps, stages } = prediction;
  const placeOf = stepPlaces(steps, stages);
  for (const step of steps) {
    const place = `${stepPlace(step, stages)} ${displayText(step.name, 400)}`;
    const why = step.reason && !explain ? `, because ${causeWords(step.reason.cause, placeOf)}` : '';
    const unless = step.state === 'depends' ? ', and may make the same as before' : '';
    print(terminal, place);
    print(terminal, `  ${WORDS[step.state]}${why}${why && unless}`);
    if (step.reason && explain)
      for (const line of missLines(step.reason, placeOf)) print(terminal, `  ${line}`);
  }
  print(terminal, `${predictionWords(prediction)}.`);
}
