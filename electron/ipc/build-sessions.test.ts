import { describe, expect, test } from 'vitest';
import type { BuildEvent, BuildSummary } from '../../shared/build-events.ts';
import { buildStarted, createFakeEngine, log, summary } from '../../tests/support/fake-engine.ts';
import { EngineError } from '../engine/base/errors.ts';
import { createBuildSessions } from './build-sessions.ts';
import { createChanges } from './changes.ts';

const request = {
  folder: '/p',
  tags: [],
  buildArgs: {},
  labels: {},
  noCache: false,
  trigger: { kind: 'manual' },
} as const;
const never = new AbortController().signal;

function sessionsOn(engine = createFakeEngine()) {
  const finished: BuildSummary[] = [];
  const changes = createChanges();
  const sessions = createBuildSessions({ engine, changes, onFinished: (build) => finished.push(build) });
  return { engine, sessions, finished };
}

async function running() {
  const all = sessionsOn();
  const id = all.sessions.start(request);
  all.engine.started[0]!.emit(buildStarted('b1'));
  await id;
  return { ...all, build: all.engine.started[0]! };
}

function collect(): {
  readonly events: BuildEvent[];
  readonly batches: number[];
  emit(batch: readonly BuildEvent[]): void;
} {
  const events: BuildEvent[] = [];
  const batches: number[] = [];
  return {
    events,
    batches,
    emit(batch) {
      events.push(...batch);
      batches.push(performance.now());
    },
  };
}

const seqs = (events: readonly BuildEvent[]): number[] => events.map(({ seq }) => seq);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, seq) => seq);

describe('createBuildSessions', () => {
  test('a build that cannot start fails at once', async () => {
    const { engine, sessions, finished } = sessionsOn();
    const started = sessions.start(request);
    engine.started[0]!.end(new EngineError('REFERENCE_INVALID', 'That is no tag.'));
    await expect(started).rejects.toMatchObject({ code: 'REFERENCE_INVALID' });
    await sessions.idle();
    expect(sessions.running()).toBe(0);
    expect(finished).toEqual([]);
  });

  test('every follower gets every event from the first, and the end', async () => {
    const { sessions, build } = await running();
    build.emit(log('one'));
    const early = collect();
    const late = collect();
    const first = sessions.follow('b1', early.emit, never);
    build.emit(log('two'), log('three'));
    const second = sessions.follow('b1', late.emit, never);
    build.emit({ type: 'build.finished', outcome: 'succeeded' });
    build.end();
    await Promise.all([first, second]);
    expect(seqs(early.events)).toEqual(upTo(5));
    expect(seqs(late.events)).toEqual(upTo(5));
  });

  test('batches are at least 40 ms apart while the build runs', async () => {
    const { sessions, build } = await running();
    const follower = collect();
    const following = sessions.follow('b1', follower.emit, never);
    for (let i = 0; i < 60; i++) {
      build.emit(log('x'));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    build.end();
    await following;
    expect(seqs(follower.events)).toEqual(upTo(61));
    const gaps = follower.batches.slice(1).map((time, index) => time - follower.batches[index]!);
    // The last batch, after the end, is not held back.
    for (const gap of gaps.slice(0, -1)) expect(gap).toBeGreaterThan(38);
    expect(follower.batches.length).toBeGreaterThan(2);
  });

  test('a slow follower waits for itself only, and what left memory comes from the log', async () => {
    const { sessions, build } = await running();
    const slow = collect();
    const gate = Promise.withResolvers<void>();
    let held = false;
    const following = sessions.follow(
      'b1',
      (batch) => {
        slow.emit(batch);
        if (held) return undefined;
        held = true;
        return gate.promise;
      },
      never,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 50; i++) build.emit(...Array.from({ length: 1_000 }, () => log('x')));
    build.end();
    gate.resolve();
    await following;
    expect(seqs(slow.events)).toEqual(upTo(50_001));
  });

  test('follows a finished build from its log, and one of another process until it ends', async () => {
    const { engine, sessions } = sessionsOn();
    const events = [buildStarted('old'), log('x'), log('y')].map((body, seq) => ({ ...body, seq, time: 0 }));
    engine.logs.set('old', events.slice(0, 2));
    engine.summaries.set('old', summary('old', '/p', 'running'));
    const follower = collect();
    const following = sessions.follow('old', follower.emit, never);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seqs(follower.events)).toEqual([0, 1]);
    engine.logs.set('old', events);
    engine.summaries.set('old', summary('old', '/p', 'succeeded'));
    await following;
    expect(seqs(follower.events)).toEqual([0, 1, 2]);
  });

  test('a follower who leaves ends at once and the build goes on', async () => {
    const { sessions, build, finished } = await running();
    const leaving = new AbortController();
    const following = sessions.follow('b1', () => undefined, leaving.signal);
    leaving.abort();
    await following;
    expect(build.signal?.aborted).toBe(false);
    build.end();
    await sessions.idle();
    expect(finished.map(({ outcome }) => outcome)).toEqual(['succeeded']);
  });

  test('cancels a build of its own, ignores one that has ended, refuses another process’s', async () => {
    const { engine, sessions, build } = await running();
    await sessions.cancel('b1');
    expect(build.signal?.aborted).toBe(true);
    build.end(new Error('aborted'));
    await sessions.idle();
    await sessions.cancel('b1');
    engine.summaries.set('theirs', summary('theirs', '/p', 'running'));
    await expect(sessions.cancel('theirs')).rejects.toMatchObject({ code: 'BUILD_ELSEWHERE' });
    await expect(sessions.cancel('none')).rejects.toMatchObject({ code: 'BUILD_NOT_FOUND' });
    await expect(sessions.follow('none', () => undefined, never)).rejects.toMatchObject({
      code: 'BUILD_NOT_FOUND',
    });
  });

  test('closing cancels every build, also one that has no id yet, and waits', async () => {
    const { engine, sessions } = await running();
    const second = sessions.start(request);
    second.catch(() => undefined);
    const closing = sessions.close();
    expect(engine.started.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
    for (const build of engine.started) build.end(new DOMException('Cancelled.', 'AbortError'));
    await closing;
    expect(sessions.running()).toBe(0);
  });
});
