import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createToasts } from './toasts.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is done goes by itself; what failed stays until it is dismissed', () => {
  const toasts = createToasts();
  toasts.done('Done.');
  toasts.failed({ code: 'X', message: 'Failed.', hint: 'Look.' });
  vi.advanceTimersByTime(60_000);
  expect(toasts.items).toMatchObject([{ kind: 'error', message: 'Failed.', hint: 'Look.' }]);
  toasts.dismiss(toasts.items[0]!.id);
  expect(toasts.items).toEqual([]);
});

test('one with an action stays longer', () => {
  const toasts = createToasts();
  toasts.done('Removed.', { label: 'Undo', run: vi.fn() });
  vi.advanceTimersByTime(11_000);
  expect(toasts.items).toHaveLength(1);
  vi.advanceTimersByTime(2_000);
  expect(toasts.items).toEqual([]);
});

test('nothing goes while a pointer rests on them', () => {
  const toasts = createToasts();
  toasts.done('Done.');
  toasts.hold(true);
  vi.advanceTimersByTime(60_000);
  expect(toasts.items).toHaveLength(1);
  toasts.hold(false);
  vi.advanceTimersByTime(6_000);
  expect(toasts.items).toEqual([]);
});

test('there are never more than four', () => {
  const toasts = createToasts();
  for (let i = 1; i <= 6; i++) toasts.failed({ code: 'X', message: String(i) });
  expect(toasts.items.map((toast) => toast.message)).toEqual(['3', '4', '5', '6']);
});
