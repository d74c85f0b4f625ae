import { expect, test } from 'vitest';
import { parseChallenge } from './challenge.ts';

test('bearer with its parameters, quoted or not', () => {
  expect(parseChallenge('Bearer realm="https://a/t",service=s, scope="repository:x:pull,push"')).toEqual({
    scheme: 'bearer',
    parameters: { realm: 'https://a/t', service: 's', scope: 'repository:x:pull,push' },
  });
});

test('bearer is preferred to basic', () => {
  expect(parseChallenge('Basic realm="r", Bearer realm="https://a/t"')?.parameters['realm']).toBe(
    'https://a/t',
  );
});

test('what cannot be met is no challenge', () => {
  for (const header of [undefined, '', 'Negotiate', 'Digest realm="bearer"', `Basic ${'x'.repeat(9000)}`])
    expect(parseChallenge(header)).toBeUndefined();
});

test('a header made to be slow is read in no time', () => {
  const started = performance.now();
  parseChallenge(`Bearer ${'a="\\'.repeat(1500)}`);
  parseChallenge(`Bearer ${' '.repeat(8000)}`);
  expect(performance.now() - started).toBeLessThan(500);
});
