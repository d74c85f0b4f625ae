import { describe, expect, test } from 'vitest';
import { MAX_INSTRUCTIONS, parseDockerfile } from './parse.ts';

describe('parseDockerfile', () => {
  test('keeps file, text and what was written', () => {
    const text =
      '# syntax=docker/dockerfile:1\nARG V=1\n# the base\nFROM a:$V AS b\nCOPY --chown=$U x \\\n  y\n';
    const dockerfile = parseDockerfile(`\ufeff${text}`, 'sub/Dockerfile');
    expect(dockerfile).toEqual({
      file: 'sub/Dockerfile',
      text,
      directives: { syntax: 'docker/dockerfile:1', escape: '\\' },
      globalArgs: [
        {
          kind: 'ARG',
          args: [{ name: 'V', default: '1' }],
          range: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 8 },
          source: 'ARG V=1',
          comments: [],
        },
      ],
      stages: [
        {
          index: 0,
          name: 'b',
          from: {
            kind: 'FROM',
            image: 'a:$V',
            stageName: 'b',
            range: { startLine: 4, startColumn: 1, endLine: 4, endColumn: 15 },
            source: 'FROM a:$V AS b',
            comments: ['the base'],
          },
          instructions: [
            {
              kind: 'COPY',
              sources: ['x'],
              heredocs: [],
              destination: 'y',
              chown: '$U',
              link: false,
              parents: false,
              exclude: [],
              range: { startLine: 5, startColumn: 1, endLine: 6, endColumn: 4 },
              source: 'COPY --chown=$U x   y',
              comments: [],
            },
          ],
        },
      ],
      warnings: [],
    });
  });

  test('reads as many instructions as are allowed, quickly', () => {
    const started = performance.now();
    const text = `FROM a\n${'RUN --mount=type=cache,target=/c make \\\n  all\n'.repeat(MAX_INSTRUCTIONS - 1)}`;
    expect(parseDockerfile(text, 'Dockerfile').stages[0]!.instructions).toHaveLength(MAX_INSTRUCTIONS - 1);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test.each([
    ['continuations', `FROM a\nRUN ${'x\\\n'.repeat(1_000_000)}`],
    ['flags', `FROM a\nRUN ${`${'--mount=type=ssh '.repeat(3000)}\\\n`.repeat(60)}`],
    ['heredocs', `FROM a\nCOPY ${`${'<<a '.repeat(15_000)}\\\n`.repeat(5)} /x\n${'a\n'.repeat(75_000)}`],
    ['brackets', `FROM a\nRUN ${`${'['.repeat(60_000)}\\\n`.repeat(30)}`],
    ['blanks before a directive’s value', `# syntax=x${' '.repeat(60_000)}y\nFROM a\n`],
  ])('takes linear time on many %s', (_, text) => {
    const started = performance.now();
    parseDockerfile(text, 'Dockerfile');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
