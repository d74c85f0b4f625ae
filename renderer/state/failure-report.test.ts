import { expect, test } from 'vitest';
import { INITIAL_BUILD_STATE, type BuildState, type StepView } from '../../shared/build-state.ts';
import { appendLog, EMPTY_LOG } from '../../shared/log-lines.ts';
import { failedStep, failureReport, lastLines } from './failure-report.ts';

const range = { startLine: 2, startColumn: 1, endLine: 2, endColumn: 9 };
const step: StepView = {
  ...{ id: 's/1', stage: 0, number: 1, total: 2, instruction: 'RUN', name: 'RUN make', needs: [], range },
  state: 'failed',
};
const output = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join('');
const build: BuildState = {
  ...INITIAL_BUILD_STATE,
  phase: 'finished',
  source: 'FROM a\nRUN make\n',
  steps: [{ ...step, id: 's/0', state: 'built' }, step],
  logs: new Map([
    ['s/1', appendLog(EMPTY_LOG, [{ stream: 'stdout', text: `${output}\u001b[31mred\u001b[0m\n` }])],
  ]),
  error: {
    code: 'RUN_FAILED',
    message: '"RUN make" exited with code 2.',
    range,
    command: { exitCode: 2, lastLines: ['told'] },
  },
};

test('the end of the failed step’s output: thirty lines of its log, else what the error tells', () => {
  expect(failedStep(build)?.id).toBe('s/1');
  expect(lastLines(build)).toHaveLength(30);
  expect(lastLines(build)[0]?.text).toBe('line 12');
  expect(lastLines({ ...build, logs: new Map() }).map(({ text }) => text)).toEqual(['told']);
  expect(lastLines(INITIAL_BUILD_STATE)).toEqual([]);
});

test('the report has the sentence, the place and the output, without colours', () => {
  const report = failureReport(build);
  expect(report).toContain('"RUN make" exited with code 2. [RUN_FAILED]');
  expect(report).toContain('> 2 | RUN make');
  expect(report).toMatch(/line 40\nred\n$/);
});
