import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../electron/engine/base/errors.ts';
import { expandWord, expandWords } from '../../../electron/engine/dockerfile/expand.ts';
import { BODIES, EXPANSIONS, SPLITS, VARIABLES } from './expansion-cases.ts';

const environment = (name: string) => (Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined);
const backslash = { escape: '\\' } as const;

function outcome(expand: () => string): string | null {
  try {
    return expand();
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).code).toBe('DOCKERFILE_EXPANSION');
    expect((error as EngineError).message).toMatch(/^[A-Z].*[.:].*$/s);
    return null;
  }
}

describe.each(Object.entries(EXPANSIONS))('expansion: %s', (_, cases) => {
  test.each(cases)('%j → %j', (word, expected) => {
    expect(outcome(() => expandWord(word, environment, backslash).value)).toBe(expected);
  });
});

describe('expansion: words', () => {
  test.each(SPLITS)('%j → %j', (word, expected) => {
    expect(expandWords(word, environment, backslash).words).toEqual(expected);
  });
});

describe('expansion: bodies of heredocs', () => {
  test.each(BODIES)('%j → %j', (body, expected) => {
    expect(expandWord(body, environment, { ...backslash, keepQuotes: true }).value).toBe(expected);
  });
});

describe('expansion: escape=`', () => {
  test.each([
    ['`$NAME', '$NAME'],
    ['``$NAME', '`app'],
    ['"`$NAME"', '$NAME'],
    ['"`""', '"'],
    ['C:\\$NAME', 'C:\\app'],
    ['C:\\dir\\', 'C:\\dir\\'],
    ["'`'", '`'],
    ['a`', 'a'],
  ])('%j → %j', (word, expected) => {
    expect(expandWord(word, environment, { escape: '`' }).value).toBe(expected);
  });
});

describe('expansion: names looked up', () => {
  test.each<[word: string, used: readonly string[], unset: readonly string[]]>([
    ['x', [], []],
    ['$NAME $UNKNOWN', ['NAME'], ['UNKNOWN']],
    ['$NAME$NAME', ['NAME'], []],
    ['$EMPTY', ['EMPTY'], []],
    ['${UNKNOWN:-$NAME}', ['NAME'], ['UNKNOWN']],
    ['${NAME:-$UNKNOWN}', ['NAME'], ['UNKNOWN']],
    ['${FILE#$PATTERN}', ['PATTERN', 'FILE'], []],
    ["'$NAME'", [], []],
    ['\\$NAME', [], []],
    ['$1', [], ['1']],
    ['$', [], []],
  ])('%j', (word, used, unset) => {
    const result = expandWord(word, environment, backslash);
    expect([...result.used]).toEqual(used);
    expect([...result.unset]).toEqual(unset);
  });
});
