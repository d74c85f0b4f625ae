import type { Router } from './router.ts';

/** A router whose calls can be waited for, so that nobody closes the store under them. */
export interface CallsUnderWay extends Router {
  /** Answers once every call has, except those that wait for a person in a native dialog. */
  idle(): Promise<void>;
}

/** Puts a count of its calls before a router. */
export function countCalls(router: Router): CallsUnderWay {
  const calls = new Set<Promise<unknown>>();
  return {
    answer(call, input, context) {
      const answer = router.answer(call, input, context);
      if (!call.startsWith('dialogs.')) {
        calls.add(answer);
        void answer.finally(() => calls.delete(answer));
      }
      return answer;
    },
    async idle() {
      while (calls.size > 0) await Promise.all(calls);
    },
  };
}
