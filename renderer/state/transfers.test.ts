import { expect, test, vi } from 'vitest';
import type { Client, Transfer } from '../../shared/contract.ts';
import { createTransfers } from './transfers.svelte.ts';

const DENIED = { code: 'REGISTRY_DENIED', message: 'No.', hint: 'Log in.' };

/** A client whose transfers are moved by hand. */
function handMoved() {
  const calls: {
    readonly name: string;
    readonly input: unknown;
    readonly emit: (progress: Transfer) => void;
    readonly end: PromiseWithResolvers<{ reference: string; id: string }>;
  }[] = [];
  const client = {
    stream(name: string, input: unknown, emit: (progress: Transfer) => void, signal: AbortSignal) {
      const end = Promise.withResolvers<{ reference: string; id: string }>();
      signal.addEventListener('abort', () => end.reject(signal.reason));
      calls.push({ name, input, emit, end });
      return end.promise;
    },
  } as unknown as Client;
  const onDone = vi.fn();
  return { calls, onDone, transfers: createTransfers(client, onDone) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const RESULT = { reference: 'docker.io/library/app:latest', id: 'sha256:1' };

test('one that a dialog shows stays there with its result, and is forgotten with the dialog', async () => {
  const { calls, transfers, onDone } = handMoved();
  const id = transfers.start({ kind: 'pull', reference: 'app', platform: 'linux/arm64' });
  expect(calls[0]).toMatchObject({
    name: 'images.pull',
    input: { reference: 'app', platform: 'linux/arm64' },
  });
  calls[0]!.emit({ current: 1, total: 2 });
  expect(transfers.get(id)).toMatchObject({ state: 'running', progress: { current: 1, total: 2 } });
  calls[0]!.end.resolve(RESULT);
  await settled();
  expect(transfers.get(id)).toMatchObject({ state: 'done', result: RESULT, attended: true });
  expect(onDone).not.toHaveBeenCalled();
  transfers.leave(id);
  expect(transfers.items).toEqual([]);
});

test('left by its dialog it goes on, and who began it is told at the end', async () => {
  const { calls, transfers, onDone } = handMoved();
  transfers.leave(transfers.start({ kind: 'push', reference: 'r.example/app:1' }));
  expect(transfers.items).toMatchObject([{ state: 'running', attended: false }]);
  calls[0]!.end.resolve(RESULT);
  await settled();
  expect(transfers.items).toEqual([]);
  expect(onDone).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'push', result: RESULT }));
});

test('a failure in the background stays until it is dismissed, and can be tried again', async () => {
  const { calls, transfers } = handMoved();
  const id = transfers.start({ kind: 'pull', reference: 'app' });
  transfers.leave(id);
  calls[0]!.emit({ current: 1, total: 2 });
  calls[0]!.end.reject(DENIED);
  await settled();
  expect(transfers.items).toMatchObject([{ id, state: 'failed', error: DENIED }]);
  transfers.retry(id);
  expect(transfers.get(id)).toMatchObject({ kind: 'pull', reference: 'app', state: 'running' });
  expect(transfers.get(id)).not.toHaveProperty('error');
  expect(transfers.get(id)).not.toHaveProperty('progress');
  calls[1]!.end.reject(DENIED);
  await settled();
  transfers.leave(id);
  expect(transfers.items).toEqual([]);
});

test('what is cancelled is stopped and gone, without a word', async () => {
  const { calls, transfers, onDone } = handMoved();
  const id = transfers.start({ kind: 'pull', reference: 'app' });
  transfers.cancel(id);
  await expect(calls[0]!.end.promise).rejects.toMatchObject({ name: 'AbortError' });
  await settled();
  expect(transfers.items).toEqual([]);
  expect(onDone).not.toHaveBeenCalled();
});

test('the same is not begun twice at once; others run beside it', () => {
  const { calls, transfers } = handMoved();
  const first = transfers.start({ kind: 'pull', reference: 'app' });
  transfers.leave(first);
  expect(transfers.start({ kind: 'pull', reference: 'app' })).toBe(first);
  expect(transfers.get(first)?.attended).toBe(true);
  transfers.start({ kind: 'pull', reference: 'app', platform: 'linux/arm64' });
  transfers.start({ kind: 'push', reference: 'app' });
  expect(calls).toHaveLength(3);
});
