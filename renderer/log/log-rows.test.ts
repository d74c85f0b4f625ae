import { describe, expect, test } from 'vitest';
import type { BuildEvent, BuildEventBody } from '../../shared/build-events.ts';
import { foldBuild, type BuildState } from '../../shared/build-state.ts';
import { KEPT_LINES } from '../../shared/log-lines.ts';
import { createLogRows } from './log-rows.ts';

const range = { startLine: 2, startColumn: 1, endLine: 2, endColumn: 5 };

function stateOf(...bodies: BuildEventBody[]): BuildState {
  const events = bodies.map((body, seq): BuildEvent => ({ ...body, seq, time: seq * 1000 }));
  return foldBuild(events);
}

const planned: BuildEventBody = {
  type: 'build.planned',
  source: '',
  stages: [
    { index: 0, name: 'app', base: 'scratch', reads: [], needed: true, range },
    { index: 1, base: 'scratch', reads: [], needed: true, range },
  ],
  steps: [
    { id: 'a1', stage: 0, number: 1, total: 2, instruction: 'COPY', name: 'COPY a /', needs: [], range },
    { id: 'a2', stage: 0, number: 2, total: 2, instruction: 'RUN', name: 'RUN make', needs: [], range },
    { id: 'b1', stage: 1, number: 1, total: 1, instruction: 'COPY', name: 'COPY b /', needs: [], range },
  ],
};
const error = { code: 'RUN_FAILED', message: 'make failed.' };
const bodies: BuildEventBody[] = [
  { type: 'task.started', id: 't', name: 'Read the Dockerfile' },
  { type: 'task.finished', id: 't' },
  planned,
  { type: 'warning', code: 'W', message: 'Careful.', range },
  { type: 'step.started', step: 'b1' },
  { type: 'step.started', step: 'a1' },
  { type: 'step.finished', step: 'a1', state: 'cached', size: 1000 },
  { type: 'step.finished', step: 'b1', state: 'built' },
  { type: 'step.started', step: 'a2' },
  { type: 'step.log', step: 'a2', stream: 'stderr', text: 'oh\nno\n' },
];

describe('createLogRows', () => {
  const texts = (state: BuildState, scope = {}): string[] =>
    createLogRows()(state, scope).map((row) => row.text);

  test('the whole build, in the order its work began', () => {
    expect(texts(stateOf(...bodies))).toEqual([
      'Read the Dockerfile',
      'done in 1.0 s',
      'line 2: Careful.',
      '[stage 1 1/1] COPY b /',
      'built in 3.0 s',
      '[app 1/2] COPY a /',
      'cache hit · 1.00 kB',
      '[app 2/2] RUN make',
      'oh',
      'no',
    ]);
  });

  test('what begins when all steps have ended comes last', () => {
    const state = stateOf(
      ...bodies,
      { type: 'step.finished', step: 'a2', state: 'built' },
      { type: 'task.started', id: 'w', name: 'Write the image' },
    );
    expect(texts(state).at(-1)).toBe('Write the image');
  });

  test.each([
    [{ step: 'a1' }, ['[app 1/2] COPY a /', 'cache hit · 1.00 kB']],
    [{ stage: 1 }, ['[stage 1 1/1] COPY b /', 'built in 3.0 s']],
  ])('only %j', (scope, expected) => expect(texts(stateOf(...bodies), scope)).toEqual(expected));

  test('an error is told once, where it happened', () => {
    const inStep = stateOf(
      ...bodies,
      { type: 'step.finished', step: 'a2', state: 'failed', error },
      { type: 'build.finished', outcome: 'failed', error },
    );
    expect(texts(inStep).filter((text) => text === 'make failed.')).toHaveLength(1);
    const before = stateOf({ type: 'build.finished', outcome: 'failed', error });
    expect(texts(before)).toEqual(['make failed.']);
  });

  test('lines that were let go are mentioned, and keys stay with their lines', () => {
    const write = createLogRows();
    const many = [
      ...bodies,
      ...[1, 2].map((): BuildEventBody => ({
        type: 'step.log',
        step: 'a2',
        stream: 'stdout',
        text: 'x\n'.repeat(KEPT_LINES / 2),
      })),
    ];
    const rows = write(stateOf(...many), { step: 'a2' });
    expect(rows[1]).toMatchObject({
      kind: 'note',
      text: expect.stringContaining('2 earlier lines') as string,
    });
    expect(rows[2]!.key).toBe('line:a2:3');
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });

  test('names from outside cannot break a line', () => {
    const state = stateOf({ type: 'task.started', id: 't', name: 'a\nb\u202e' });
    expect(texts(state)).toEqual(['a\\u{a}b\\u{202e}']);
  });
});
