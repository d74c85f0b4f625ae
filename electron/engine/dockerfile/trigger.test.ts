import { describe, expect, test } from 'vitest';
import { EngineError } from '../base/errors.ts';
import { parseTrigger } from './trigger.ts';

const range = { startLine: 7, startColumn: 1, endLine: 7, endColumn: 10 };

describe('parseTrigger', () => {
  test('gives the instruction the place of the FROM', () => {
    expect(parseTrigger('RUN make', 'Dockerfile', range)).toMatchObject({
      kind: 'RUN',
      range,
      command: { form: 'shell', text: 'make' },
    });
  });

  test('reads heredocs', () => {
    expect(parseTrigger('COPY <<A /x\nbody\nA', 'Dockerfile', range)).toMatchObject({
      range,
      destination: '/x',
      heredocs: [{ name: 'A', content: 'body\n' }],
    });
  });

  test.each([
    ['', 'DOCKERFILE_ONBUILD'],
    ['# comment', 'DOCKERFILE_ONBUILD'],
    ['RUN a\nRUN b', 'DOCKERFILE_ONBUILD'],
    ['FROM a', 'DOCKERFILE_ONBUILD'],
    ['ONBUILD RUN a', 'DOCKERFILE_ONBUILD'],
    ['MAINTAINER a', 'DOCKERFILE_ONBUILD'],
    ['RUM a', 'DOCKERFILE_UNKNOWN_INSTRUCTION'],
    ['COPY a', 'DOCKERFILE_ARGUMENTS'],
    ['RUN <<A', 'DOCKERFILE_HEREDOC'],
    ['RUN --netwrk=x a', 'DOCKERFILE_FLAG'],
    [`RUN ${'x'.repeat(70_000)}`, 'DOCKERFILE_LINE_TOO_LONG'],
  ])('%j fails with %s at the FROM', (text, code) => {
    let thrown: unknown;
    try {
      parseTrigger(text, 'Dockerfile', range);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EngineError);
    expect(thrown).toMatchObject({ code, file: 'Dockerfile', range });
  });
});
