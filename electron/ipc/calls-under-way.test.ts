import { expect, test } from 'vitest';
import { countCalls } from './calls-under-way.ts';
import type { Answer, CallContext } from './router.ts';

test('waits for every call, also for one that came meanwhile, but not for a dialog', async () => {
  const ending = new Map<string, PromiseWithResolvers<Answer>>();
  const calls = countCalls({
    answer(call) {
      const end = Promise.withResolvers<Answer>();
      ending.set(call, end);
      return end.promise;
    },
  });
  const context = {} as CallContext<unknown>;
  void calls.answer('dialogs.chooseFolder', {}, context);
  await calls.idle();

  void calls.answer('images.pull', {}, context);
  let idle = false;
  const waiting = calls.idle().then(() => (idle = true));
  void calls.answer('images.list', {}, context);
  ending.get('images.pull')!.resolve({ result: null });
  await new Promise((resolve) => setImmediate(resolve));
  expect(idle).toBe(false);
  ending.get('images.list')!.resolve({ result: null });
  await waiting;
  expect(idle).toBe(true);
});
