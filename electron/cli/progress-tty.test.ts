import { expect, test } from 'vitest';
import type { BuildEventBody } from '../../shared/build-events.ts';
import { foldBuild } from '../../shared/build-state.ts';
import type { MissReason } from '../../shared/miss-reason.ts';
import { render } from './progress-tty.ts';

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };
const step = { stage: 0, total: 2, instruction: 'COPY', needs: [], range };
const reason: MissReason = {
  cause: {
    ...{ kind: 'files', from: 'the build context', more: 0, added: 0, removed: 0 },
    changes: Array.from({ length: 50 }, (_, i) => ({ path: `file-${i}`, what: ['content'] as const })),
  },
};
const events: readonly BuildEventBody[] = [
  {
    type: 'build.planned',
    source: '',
    stages: [{ index: 0, base: 'scratch', reads: [], needed: true, range }],
    steps: [
      { ...step, id: '0/0', number: 1, name: 'COPY a /a' },
      { ...step, id: '0/1', number: 2, name: 'COPY b /b' },
    ],
  },
  { type: 'step.started', step: '0/0' },
  { type: 'step.cache', step: '0/0', hit: false, reason },
  { type: 'step.finished', step: '0/0', state: 'built' },
  { type: 'step.started', step: '0/1' },
  {
    type: 'step.cache',
    step: '0/1',
    hit: false,
    reason: { cause: { kind: 'earlier-step', step: '0/0', how: 'rebuilt' } },
  },
];
const state = foldBuild(events.map((body, seq) => ({ ...body, seq, time: 0 })));
const frame = { width: 60, height: 40, colour: false, now: 0 };

test('reasons stand below their steps where they are asked for, a long one cut short', () => {
  const lines = render(state, { ...frame, explain: true });
  const first = lines.findIndex((line) => line.includes('COPY a /a'));
  expect(lines[first + 1]).toBe('    because file-0 changed, with 49 other files');
  expect(lines[first + 2]).toBe('      ~ file-0');
  expect(lines.filter((line) => line.includes('~ file')).length).toBeLessThan(10);
  expect(lines.at(-1)).toBe('    because step 1 was rebuilt');
  expect(lines.every((line) => line.length <= frame.width)).toBe(true);
});

test('nobody is told who did not ask', () => {
  expect(render(state, { ...frame, explain: false }).join()).not.toContain('because');
});
