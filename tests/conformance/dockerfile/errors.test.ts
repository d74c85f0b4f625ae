import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../electron/engine/base/errors.ts';
import { checkDockerfile, parseDockerfile } from '../../../electron/engine/dockerfile/parse.ts';
import { MAX_FILE_BYTES } from '../../../electron/engine/dockerfile/source-text.ts';
import { WRONG_DOCKERFILES } from './wrong-dockerfiles.ts';

function failure(source: string | Uint8Array): EngineError {
  try {
    parseDockerfile(source, 'app/Dockerfile');
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('it parsed');
}

/** One sentence: a capital (or an instruction) first, a full stop last, and no other inside. */
const SENTENCE = /^["A-Z][^\n]*[^.\n]\.$/;

describe('wrong Dockerfiles', () => {
  test.each(WRONG_DOCKERFILES)('$name', ({ text, code, line, hint }) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.file).toBe('app/Dockerfile');
    expect(error.range?.startLine).toBe(line);
    expect(error.message).toMatch(SENTENCE);
    expect(error.message.length).toBeLessThan(200);
    if (hint !== undefined) expect(error.hint).toContain(hint);
    expect(checkDockerfile(text, 'app/Dockerfile')[0]).toMatchObject({ code, message: error.message });
  });

  test('no two have the same name', () => {
    expect(new Set(WRONG_DOCKERFILES.map(({ name }) => name)).size).toBe(WRONG_DOCKERFILES.length);
  });

  test('a file over 4 MiB', () => {
    expect(failure('#'.repeat(MAX_FILE_BYTES + 1)).code).toBe('DOCKERFILE_TOO_LARGE');
  });

  test.each([
    ['little-endian', Buffer.from('\ufeffFROM a\n', 'utf16le')],
    ['big-endian', Buffer.from('\ufeffFROM a\n', 'utf16le').swap16()],
  ])('UTF-16, %s', (_, bytes) => {
    expect(failure(bytes).code).toBe('DOCKERFILE_ENCODING');
  });
});

describe('columns', () => {
  test.each<[text: string, start: string, end: string]>([
    ['FROM a\nRUNN b', '2:1', '2:5'],
    ['FROM a AS 1b', '1:11', '1:13'],
    ['FROM a\nCOPY --from=b --chwn=c d e', '2:15', '2:23'],
    ['FROM a\nCOPY \\\n  --chwn=c d e', '3:3', '3:11'],
    ['FROM a\nENV b=c \\\n    d', '3:5', '3:6'],
    ['FROM a\nRUN ["b", 1]', '2:5', '2:13'],
    ['FROM a\nRUN b <<EOF\n', '2:7', '2:12'],
    ['FROM a\nONBUILD  RUM b', '2:10', '2:13'],
  ])('%j', (text, start, end) => {
    const { range } = failure(text);
    expect(`${range?.startLine}:${range?.startColumn}`).toBe(start);
    expect(`${range?.endLine}:${range?.endColumn}`).toBe(end);
  });
});

describe('checkDockerfile', () => {
  test('finds nothing in a good file', () => {
    expect(checkDockerfile('FROM a\nRUN b\n', 'Dockerfile')).toEqual([]);
  });

  test('finds every independent error, in order', () => {
    const errors = checkDockerfile('FROM a\nRUNN b\nCOPY c\nRUN d\nENV e\n', 'Dockerfile');
    expect(errors.map((error) => [error.code, error.range?.startLine])).toEqual([
      ['DOCKERFILE_UNKNOWN_INSTRUCTION', 2],
      ['DOCKERFILE_ARGUMENTS', 3],
      ['DOCKERFILE_KEY_VALUE', 5],
    ]);
  });

  test('does not repeat that FROM is missing', () => {
    const codes = checkDockerfile('RUN a\nRUN b\n', 'Dockerfile').map((error) => error.code);
    expect(codes).toEqual(['DOCKERFILE_BEFORE_FROM']);
  });

  test('stops at a hundred', () => {
    expect(checkDockerfile(`FROM a\n${'NO\n'.repeat(500)}`, 'Dockerfile')).toHaveLength(100);
  });
});
