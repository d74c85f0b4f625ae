import { expect, test } from 'vitest';
import { createResource } from './resource.svelte.ts';

test('keeps its last value while it is read again, and after a failure', async () => {
  let answer: () => Promise<string> = () => Promise.resolve('one');
  const resource = createResource(() => answer());
  expect(resource.value).toBeUndefined();
  await resource.reload();
  expect(resource.value).toBe('one');

  answer = () => Promise.reject(new Error('gone'));
  const reading = resource.reload();
  expect(resource.loading).toBe(true);
  expect(resource.value).toBe('one');
  await reading;
  expect(resource).toMatchObject({ value: 'one', loading: false, error: { code: 'INTERNAL', hint: 'gone' } });

  answer = () => Promise.resolve('two');
  await resource.reload();
  expect(resource).toMatchObject({ value: 'two', error: undefined });
});

test('when readings overlap the last one counts', async () => {
  const answers: ((value: string) => void)[] = [];
  const resource = createResource(() => new Promise<string>((resolve) => answers.push(resolve)));
  const [first, second] = [resource.reload(), resource.reload()];
  answers[1]!('new');
  await second;
  answers[0]!('old');
  await first;
  expect(resource.value).toBe('new');
});
