import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../electron/engine/base/errors.ts';
import { expandWord, expandWords } from '../../../electron/engine/dockerfile/expand.ts';
import { checkDockerfile, parseDockerfile, parseTrigger } from '../../../electron/engine/dockerfile/parse.ts';
import { instructionsOf } from './outline.ts';

/** Text made of what the language gives a meaning to, which plain random text hardly ever hits. */
const dockerfileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          'FROM a',
          'FROM a AS b',
          'RUN',
          'COPY',
          'ADD',
          'ENV',
          'LABEL',
          'ARG',
          'CMD',
          'ONBUILD',
          'HEALTHCHECK',
        ],
        ...[
          'EXPOSE',
          'VOLUME',
          'SHELL',
          'USER',
          '--mount=',
          '--from=x',
          '--link',
          '--',
          'type=cache',
          'target=/x',
          ',',
        ],
        ...[
          '<<EOF',
          '<<-"E F"',
          'EOF',
          '\nEOF\n',
          '[',
          ']',
          '"a"',
          '"',
          "'",
          '\\',
          '\\\n',
          '`',
          '\n',
          '\r\n',
          '\t',
          ' ',
        ],
        ...['$', '${', '}', ':-', '/', '#', '# escape=`\n', 'a=b', '=', '\ufeff', '\u0000', '\ud800', '😀'],
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

const wordText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['$', '${', '}', ':', '-', '+', '?', '#', '##', '%', '%%', '/', '//', '*', '\\', '`'],
      ),
      fc.constantFrom(...['"', "'", 'A', 'B', 'x', ' ', '\n', '1', '@', '😀']),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

const values: Readonly<Record<string, string>> = { A: 'xAx*?\\x\nA', B: '' };
const environment = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);

/** What `attempt` answers; undefined where it fails as it may. */
function attempted<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof EngineError && error.code.startsWith('DOCKERFILE_')) return undefined;
    throw error;
  }
}

describe('whatever the text', () => {
  test('parsing answers or fails with a located DOCKERFILE error, and ranges are in order', () => {
    fc.assert(
      fc.property(dockerfileText, (text) => {
        const errors = checkDockerfile(text, 'D');
        const dockerfile = attempted(() => parseDockerfile(text, 'D'));
        expect(dockerfile === undefined).toBe(errors.length > 0);
        const lines = text.split('\n').length;
        for (const { range } of [...errors, ...(dockerfile ? instructionsOf(dockerfile) : [])]) {
          expect(range!.startLine).toBeGreaterThanOrEqual(1);
          expect(range!.endLine).toBeLessThanOrEqual(lines);
          expect(range!.endLine * 1e6 + range!.endColumn).toBeGreaterThanOrEqual(
            range!.startLine * 1e6 + range!.startColumn,
          );
        }
        const starts = dockerfile ? instructionsOf(dockerfile).map(({ range }) => range.startLine) : [];
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
      }),
      { numRuns: 3000 },
    );
  });

  test('parsing bytes answers or fails likewise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        attempted(() => parseDockerfile(bytes, 'D'));
      }),
      { numRuns: 2000 },
    );
  });

  test('a trigger that ONBUILD accepts can be parsed alone', () => {
    fc.assert(
      fc.property(dockerfileText, (text) => {
        const dockerfile = attempted(() => parseDockerfile(`FROM a\nONBUILD ${text}`, 'D'));
        const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 7 };
        for (const instruction of dockerfile?.stages[0]?.instructions ?? []) {
          if (instruction.kind !== 'ONBUILD' || instruction.trigger.includes('\r')) continue;
          expect(parseTrigger(instruction.trigger, 'D', range).range).toEqual(range);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([{ escape: '\\' }, { escape: '`' }, { escape: '\\', keepQuotes: true }] as const)(
    'expansion with %j answers or fails likewise',
    (options) => {
      fc.assert(
        fc.property(wordText, (word) => {
          const expanded = attempted(() => expandWord(word, environment, options));
          const split = attempted(() => expandWords(word, environment, options));
          expect(split === undefined).toBe(expanded === undefined);
          const squeeze = (text: string) => text.replace(/\s/gu, '');
          expect(squeeze(split?.words.join('') ?? '')).toBe(squeeze(expanded?.value ?? ''));
        }),
        { numRuns: 5000 },
      );
    },
  );

  test('a word without signs expands to itself', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[$'"\\]/.test(text)),
        (word) => {
          expect(expandWord(word, environment, { escape: '\\' }).value).toBe(word);
        },
      ),
    );
  });
});
