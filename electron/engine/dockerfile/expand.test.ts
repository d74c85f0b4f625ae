import { describe, expect, test } from 'vitest';
import { EngineError } from '../base/errors.ts';
import { MAX_DEPTH, MAX_RESULT_LENGTH, expandWord, expandWords } from './expand.ts';

const BIG = 'a'.repeat(MAX_RESULT_LENGTH);
const values: Readonly<Record<string, string>> = { BIG, NAME: 'app', EMPTY: '' };
const environment = (name: string) => values[name];
const options = { escape: '\\' } as const;

function failure(word: string): EngineError {
  try {
    expandWord(word, environment, options);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('it expanded');
}

describe('limits', () => {
  test('a result of 1 MiB is allowed, one more is not', () => {
    expect(expandWord('$BIG', environment, options).value).toBe(BIG);
    expect(failure('$BIG.').message).toMatch(/1 MiB/);
    expect(failure('"$BIG."').message).toMatch(/1 MiB/);
    expect(() => expandWords('$BIG $BIG', environment, options)).toThrow(/1 MiB/);
  });

  test('nesting', () => {
    const nested = (depth: number) => '${NO:-'.repeat(depth) + 'x' + '}'.repeat(depth);
    expect(expandWord(nested(MAX_DEPTH), environment, options).value).toBe('x');
    expect(failure(nested(MAX_DEPTH + 1)).message).toMatch(/nested/);
    expect(failure('${NO:-'.repeat(100_000)).message).toMatch(/nested/);
  });

  test('depth counts what is open, not what was', () => {
    expect(expandWord('${NAME}'.repeat(1000), environment, options).value).toBe('app'.repeat(1000));
  });

  test('costly patterns are given up', () => {
    expect(failure(`\${BIG#*${'?'.repeat(30_000)}b}`).message).toMatch(/too long/);
    expect(failure('${NO+${BIG%b}}'.repeat(1000)).message).toMatch(/too long/);
  });
});

describe('errors', () => {
  test.each([
    ['${NO:?give it}', 'Variable NO is not set: give it.'],
    ['${EMPTY:?give $NAME}', 'Variable EMPTY is empty: give app.'],
    ['${NO?}', 'Variable NO is not set.'],
    ['${NAME', 'A ${ is not closed.'],
    ['${NAME/x}', 'A replacement lacks its second slash.'],
    ['${}', 'A variable has no name.'],
    ['${NAME:=x}', 'Variable NAME has the unknown modifier ":=".'],
    ['${NAME#\\x}', 'The pattern "\\\\x" has the unknown escape \\x.'],
    ['"x', 'A double quote is not closed.'],
    ["it's", 'A single quote is not closed.'],
  ])('%j: %s', (word, message) => {
    const error = failure(word);
    expect(error).toMatchObject({ code: 'DOCKERFILE_EXPANSION', message, range: undefined });
    expect(error.hint).toBeTruthy();
  });
});
