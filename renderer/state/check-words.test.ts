import { expect, test } from 'vitest';
import type { Check } from '../../shared/contract.ts';
import { checkSummary, missingKey } from './check-words.ts';

const check = (id: string, state: Check['state']): Check => ({ id, name: id, state, detail: '' });

test('the summary tells the worst', () => {
  expect(checkSummary([check('a', 'ok')])).toBe('Everything that RUN needs is here.');
  expect(checkSummary([check('a', 'ok'), check('b', 'limited')])).toBe('RUN works here, with 1 limit.');
  expect(checkSummary([check('a', 'limited'), check('b', 'missing')])).toBe(
    '1 thing that RUN needs is missing.',
  );
  expect(checkSummary([check('a', 'missing'), check('b', 'missing')])).toBe(
    '2 things that RUN needs are missing.',
  );
});

test('what is missing has the same key in any order, and another when it changes', () => {
  const one = [check('a', 'missing'), check('b', 'missing'), check('c', 'ok')];
  expect(missingKey(one)).toBe(missingKey([...one].reverse()));
  expect(missingKey(one)).not.toBe(missingKey(one.slice(1)));
  expect(missingKey([check('c', 'limited')])).toBe('');
});
