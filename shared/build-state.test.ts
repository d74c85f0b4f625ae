import { describe, expect, test } from 'vitest';
import type { BuildEvent, BuildEventBody } from './build-events.ts';
import { INITIAL_BUILD_STATE, elapsedOf, foldBuild, foldBuildEvent, neededSteps } from './build-state.ts';

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 5 };

function events(...bodies: BuildEventBody[]): BuildEvent[] {
  return bodies.map((body, seq) => ({ ...body, seq, time: 1000 + seq * 100 }));
}

const started: BuildEventBody = {
  type: 'build.started',
  buildId: 'b1',
  folder: '/p',
  dockerfile: 'Dockerfile',
  tags: ['docker.io/library/p:latest'],
  platform: 'linux/amd64',
  trigger: { kind: 'manual' },
};
const planned: BuildEventBody = {
  type: 'build.planned',
  source: 'FROM scratch\nCOPY a /\n',
  stages: [
    { index: 0, name: 'base', base: 'scratch', reads: [], needed: true, range },
    { index: 1, base: 'base', baseStage: 0, reads: [], needed: true, range },
    { index: 2, name: 'test', base: 'base', baseStage: 0, reads: [], needed: false, range },
  ],
  steps: [step('base/1', 0, 1, 2), step('base/2', 0, 2, 2), step('1/1', 1, 1, 1), step('test/1', 2, 1, 1)],
};

function step(id: string, stage: number, number: number, total: number) {
  return { id, stage, number, total, instruction: 'COPY', name: `COPY ${id}`, needs: [], range };
}

describe('a build that succeeds', () => {
  const all = events(
    started,
    { type: 'task.started', id: 'internal/context', name: 'Read the build context' },
    { type: 'progress', step: 'internal/context', label: 'files', current: 5, unit: 'files' },
    { type: 'task.finished', id: 'internal/context' },
    planned,
    { type: 'step.started', step: 'base/1' },
    { type: 'step.finished', step: 'base/1', state: 'cached', size: 10, layer: 'sha256:1' },
    { type: 'step.started', step: 'base/2' },
    { type: 'progress', step: 'base/2', label: 'copying', current: 1, total: 2, unit: 'bytes' },
    { type: 'step.finished', step: 'base/2', state: 'built', size: 5 },
    { type: 'step.finished', step: '1/1', state: 'built' },
    { type: 'warning', code: 'W', message: 'Careful.' },
    {
      type: 'build.finished',
      outcome: 'succeeded',
      image: { id: 'sha256:a', config: 'sha256:b', references: [], size: 15 },
    },
  );

  test('ends with every step told', () => {
    const state = foldBuild(all);
    expect(state.phase).toBe('finished');
    expect(state.outcome).toBe('succeeded');
    expect(state.image?.size).toBe(15);
    expect(state.request?.buildId).toBe('b1');
    expect(state.steps.map((each) => each.state)).toEqual(['cached', 'built', 'built', 'skipped']);
    expect(state.counts).toMatchObject({ cached: 1, built: 2, skipped: 1, waiting: 0, running: 0 });
    expect(neededSteps(state)).toBe(3);
    expect(elapsedOf(state, Infinity)).toBe(1200);
    expect(state.warnings).toEqual([{ code: 'W', message: 'Careful.' }]);
  });

  test('gives steps and stages their times and sizes', () => {
    const state = foldBuild(all);
    expect(state.steps[1]).toMatchObject({ startedAt: 1700, finishedAt: 1900, size: 5 });
    expect(state.steps[1]).not.toHaveProperty('progress');
    expect(elapsedOf(state.steps[2]!, Infinity)).toBe(0);
    expect(state.stages.map((stage) => stage.state)).toEqual(['built', 'built', 'skipped']);
    expect(state.stages[0]).toMatchObject({ size: 15, startedAt: 1500, finishedAt: 1900 });
    expect(state.tasks).toEqual([
      {
        id: 'internal/context',
        name: 'Read the build context',
        closing: false,
        startedAt: 1100,
        finishedAt: 1300,
      },
    ]);
  });

  test('is the same event by event, in batches, and read twice', () => {
    const whole = foldBuild(all);
    expect(all.reduce(foldBuildEvent, INITIAL_BUILD_STATE)).toEqual(whole);
    expect(foldBuild(all, foldBuild(all.slice(0, 7)))).toEqual(whole);
    expect(foldBuild(all, whole)).toBe(whole);
  });

  test('leaves earlier states as they were', () => {
    const early = foldBuild(all.slice(0, 6));
    const copy = structuredClone(early);
    foldBuild(all, early);
    expect(early).toEqual(copy);
  });

  test('shows a running step, its progress, and its stage as running', () => {
    const state = foldBuild(all.slice(0, 9));
    expect(state.phase).toBe('building');
    expect(state.steps[1]).toMatchObject({
      state: 'running',
      progress: { label: 'copying', current: 1, total: 2, unit: 'bytes' },
    });
    expect(state.stages[0]!.state).toBe('running');
    expect(foldBuild(all.slice(0, 7)).stages[0]!.state).toBe('running');
    expect(foldBuild(all.slice(0, 5)).stages[0]!.state).toBe('waiting');
    expect(foldBuild(all.slice(0, 3)).tasks[0]!.progress?.current).toBe(5);
  });
});

describe('a build that does not succeed', () => {
  const error = { code: 'COPY_MISSING', message: 'a does not exist.' };

  test('failed: what was still to come is cancelled', () => {
    const state = foldBuild(
      events(
        started,
        planned,
        { type: 'step.started', step: 'base/1' },
        { type: 'step.finished', step: 'base/1', state: 'failed', error },
        { type: 'build.finished', outcome: 'failed', error },
      ),
    );
    expect(state.steps.map((each) => each.state)).toEqual(['failed', 'cancelled', 'cancelled', 'skipped']);
    expect(state.steps[0]!.error).toEqual(error);
    expect(state.error).toEqual(error);
    expect(state.stages[0]!.state).toBe('failed');
  });

  test('cancelled: running work ends with the build', () => {
    const state = foldBuild(
      events(
        started,
        { type: 'task.started', id: 't', name: 'T' },
        planned,
        { type: 'step.started', step: 'base/1' },
        { type: 'build.finished', outcome: 'cancelled' },
      ),
    );
    expect(state.steps[0]).toMatchObject({ state: 'cancelled', finishedAt: 1400 });
    expect(state.tasks[0]).toMatchObject({ finishedAt: 1400 });
  });

  test('failed before there was a plan', () => {
    const state = foldBuild(events(started, { type: 'build.finished', outcome: 'failed', error }));
    expect(state).toMatchObject({ phase: 'finished', outcome: 'failed', steps: [], error });
  });
});

describe('odd streams', () => {
  test('events about unknown steps change nothing', () => {
    const state = foldBuild(events(started, planned, { type: 'step.started', step: '__proto__' }));
    expect(state.counts.running).toBe(0);
  });

  test('a new plan keeps what is known of steps that stay', () => {
    const state = foldBuild(
      events(
        started,
        planned,
        { type: 'step.started', step: 'base/1' },
        { type: 'step.finished', step: 'base/1', state: 'built', size: 3 },
        { ...planned, steps: [step('base/1', 0, 1, 3), step('base/new', 0, 2, 3)] },
      ),
    );
    expect(state.steps.map((each) => [each.id, each.state, each.total])).toEqual([
      ['base/1', 'built', 3],
      ['base/new', 'waiting', 3],
    ]);
  });

  test('a task that begins when all steps have ended is closing', () => {
    const done = (id: string): BuildEventBody => ({ type: 'step.finished', step: id, state: 'built' });
    const write: BuildEventBody = { type: 'task.started', id: 'w', name: 'Write' };
    const early = foldBuild(events(started, planned, done('base/1'), write));
    const late = foldBuild(events(started, planned, done('base/1'), done('base/2'), done('1/1'), write));
    expect(early.tasks[0]!.closing).toBe(false);
    expect(late.tasks[0]!.closing).toBe(true);
  });

  test('logs are kept by step', () => {
    const state = foldBuild(
      events(
        started,
        { type: 'step.log', step: 'x', stream: 'stdout', text: 'one\ntw' },
        { type: 'step.log', step: 'x', stream: 'stdout', text: 'o\n' },
      ),
    );
    expect(state.logs.get('x')?.lines.map((line) => line.text)).toEqual(['one', 'two']);
  });

  test('100,000 events fold within a second', () => {
    const many = events(
      started,
      planned,
      ...Array.from({ length: 100_000 }, (_, index): BuildEventBody => ({
        type: 'step.log',
        step: 'base/1',
        stream: 'stdout',
        text: `line ${index}\n`,
      })),
    );
    const before = performance.now();
    let state = INITIAL_BUILD_STATE;
    for (let at = 0; at < many.length; at += 500) state = foldBuild(many.slice(at, at + 500), state);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(state.logs.get('base/1')?.lines).toHaveLength(5000);
  });
});
