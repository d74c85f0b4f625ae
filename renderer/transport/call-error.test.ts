import { expect, test } from 'vitest';
import { CallError } from '../../shared/message-client.ts';
import { errorOf } from './call-error.ts';

test.each([
  [
    'a call’s error',
    new CallError({ code: 'A', message: 'B.', hint: 'C.' }),
    { code: 'A', message: 'B.', hint: 'C.' },
  ],
  ['a payload', { code: 'A', message: 'B.', extra: 1 }, { code: 'A', message: 'B.' }],
  [
    'a defect',
    new TypeError('x is not a function'),
    { code: 'INTERNAL', message: 'Something went wrong inside Slipway.', hint: 'x is not a function' },
  ],
  ['nothing', undefined, { code: 'INTERNAL', message: 'Something went wrong inside Slipway.' }],
])('%s', (_name, thrown, expected) => expect(errorOf(thrown)).toEqual(expected));
