import { describe, expect, test } from 'vitest';
import { EngineError } from '../base/errors.ts';
import { parseMount } from './mounts.ts';

const fail = (message: string, hint?: string) => new EngineError('DOCKERFILE_MOUNT', message, { hint });
const values: Readonly<Record<string, string>> = { T: 'cache', D: '/deps', BAD: 'everybody' };
const expand = (word: string) => word.replace(/\$(\w+)/g, (_, name: string) => values[name] ?? '');

describe('parseMount with variables', () => {
  test('takes them as written until they can be expanded', () => {
    expect(parseMount('type=$T,target=$D,required=$R', fail)).toEqual({
      type: 'bind',
      target: '$D',
      text: 'type=$T,target=$D,required=$R',
    });
  });

  test('checks what comes of them', () => {
    expect(parseMount('type=$T,target=$D,ro=1', fail, expand)).toMatchObject({
      type: 'cache',
      target: '/deps',
      readonly: true,
    });
    expect(() => parseMount('type=cache,target=/x,sharing=$BAD', fail, expand)).toThrow(/sharing/);
    expect(() => parseMount('type=$BAD,target=/x', fail, expand)).toThrow(/mount type/);
    expect(() => parseMount('type=$T,target=/x,required', fail, expand)).toThrow(/no option required/);
  });

  test('does not expand from, and refuses a variable there', () => {
    expect(parseMount('from=a$,target=/x', fail, () => 'expanded')).toMatchObject({
      from: 'a$',
      target: 'expanded',
    });
    expect(() => parseMount('from=$T,target=/x', fail, expand)).toThrow(/from/);
  });

  test('a key from a prototype is unknown', () => {
    expect(() => parseMount('constructor=x', fail)).toThrow(/no option/);
    expect(() => parseMount('__proto__', fail)).toThrow(/no option/);
  });
});
