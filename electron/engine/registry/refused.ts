import { EngineError } from '../base/errors.ts';
import type { Answer } from './answer.ts';
import type { Remote } from './pull-image.ts';
import { badAnswer } from './registry-error.ts';

/** Lets the answer go if it is one of the good ones. Fails with REGISTRY_REFUSED. */
export function finish(remote: Remote, answer: Answer, good: readonly number[], what: string): void {
  answer.discard();
  if (!good.includes(answer.status)) throw refused(remote, what, answer.status);
}

/** REGISTRY_REFUSED, or REGISTRY_ANSWER_INVALID for a status that refuses nothing. */
export function refused({ session }: Remote, what: string, status: number): EngineError {
  if (status < 400) return badAnswer(session.host, `answered status ${status} for ${what}`);
  return new EngineError('REGISTRY_REFUSED', `${session.host} refused ${what} (status ${status}).`, {
    hint: 'Check that you may push there, and that it takes images of this kind.',
  });
}
