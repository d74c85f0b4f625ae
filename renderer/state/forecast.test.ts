import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../shared/contract.ts';
import type { Prediction } from '../../shared/prediction.ts';
import { createForecast } from './forecast.svelte.ts';

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };
const PREDICTION: Prediction = {
  stages: [],
  missing: [],
  steps: [
    {
      ...{
        id: '0/0',
        stage: 0,
        number: 1,
        total: 1,
        instruction: 'COPY',
        name: 'COPY . .',
        needs: [],
        range,
      },
      state: 'miss',
      reason: { cause: { kind: 'new' } },
    },
  ],
};

function handMoved() {
  const calls: { readonly signal: AbortSignal; readonly end: PromiseWithResolvers<Prediction> }[] = [];
  const client = {
    stream(_name: string, _input: unknown, _emit: unknown, signal: AbortSignal) {
      const end = Promise.withResolvers<Prediction>();
      signal.addEventListener('abort', () => end.reject(signal.reason));
      calls.push({ signal, end });
      return end.promise;
    },
  } as unknown as Client;
  return { calls, forecast: createForecast(client) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it asks only after a moment, and tells what was answered', async () => {
  const { calls, forecast } = handMoved();
  forecast.ask('p');
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(500);
  expect(forecast.words).toBeUndefined();
  calls[0]!.end.resolve(PREDICTION);
  await vi.advanceTimersByTimeAsync(0);
  expect(forecast.words).toBe('1 will run: it was not built before');
});

test('passing by asks nothing, and leaving stops what is under way', async () => {
  const { calls, forecast } = handMoved();
  forecast.ask('p');
  forecast.stop();
  await vi.advanceTimersByTimeAsync(500);
  expect(calls).toEqual([]);
  forecast.ask('p');
  await vi.advanceTimersByTimeAsync(500);
  forecast.stop();
  expect(calls[0]!.signal.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(forecast.words).toBeUndefined();
});

test('what cannot be told says why', async () => {
  const { calls, forecast } = handMoved();
  forecast.ask('p');
  await vi.advanceTimersByTimeAsync(500);
  calls[0]!.end.reject({ code: 'CONTEXT_NOT_FOUND', message: 'There is no folder /x.' });
  await vi.advanceTimersByTimeAsync(0);
  expect(forecast.words).toBe('There is no folder /x.');
});
