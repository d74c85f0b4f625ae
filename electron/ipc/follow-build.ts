import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildEvent, BuildSummary } from '../../shared/build-events.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { EventWindow } from './event-window.ts';
import type { Engine } from '../engine/engine.ts';

/** Takes a batch of events; where it answers a promise the reader is slow, and the next batch waits for it. */
export type EmitEvents = (events: readonly BuildEvent[]) => void | Promise<void>;

/** What can be seen of a build while it runs in this process. */
export interface LiveBuild {
  readonly id: string;
  readonly window: EventWindow;
  /** True once there will be no more events. */
  readonly done: boolean;
  /** Resolves when there are more events than there were when it was asked for, or the build is done. */
  news(): Promise<void>;
}

type Builds = Engine['builds'];

const BATCH_EVENTS = 1_000;
const BATCH_CHARACTERS = 1024 * 1024;
const BATCH_INTERVAL_MS = 40;
const ELSEWHERE_POLL_MS = 500;

/** Hands over a live build's events from the first until it is done or the signal fires. */
export async function followLive(
  builds: Builds,
  live: LiveBuild,
  emit: EmitEvents,
  signal: AbortSignal,
): Promise<void> {
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let next = 0;
  while (!signal.aborted) {
    const news = live.news();
    const { done } = live;
    const batch =
      next >= live.window.first
        ? live.window.slice(next, BATCH_EVENTS)
        : await firstOf(readLog(builds, live.id, next));
    if (batch.length > 0) {
      next = batch.at(-1)!.seq + 1;
      await emit(batch);
    }
    if (next < live.window.end || batch.length > 0) await sleep(done ? 0 : BATCH_INTERVAL_MS);
    else if (done) return;
    else await Promise.race([news, aborted]);
  }
}

/**
 * Hands over the events in a build's log; of a build that another process runs, also those that come, until it ends or
 * the signal fires. Fails with BUILD_NOT_FOUND.
 */
export async function followLog(
  builds: Builds,
  id: string,
  emit: EmitEvents,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  for (;;) {
    const { outcome } = await findBuild(builds, id);
    for await (const batch of readLog(builds, id, next)) {
      if (signal.aborted) return;
      next = batch.at(-1)!.seq + 1;
      await emit(batch);
    }
    if (outcome !== 'running') return;
    await sleep(ELSEWHERE_POLL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

/** The build's summary, or BUILD_NOT_FOUND. */
export async function findBuild(builds: Builds, id: string): Promise<BuildSummary> {
  const summary = await builds.get(id);
  if (!summary) throw new EngineError('BUILD_NOT_FOUND', `There is no build ${id}.`);
  return summary;
}

async function* readLog(builds: Builds, id: string, from: number): AsyncGenerator<readonly BuildEvent[]> {
  let batch: BuildEvent[] = [];
  let characters = 0;
  for await (const event of builds.events(id)) {
    if (event.seq < from) continue;
    batch.push(event);
    if (event.type === 'step.log') characters += event.text.length;
    if (batch.length < BATCH_EVENTS && characters < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

async function firstOf(batches: AsyncIterable<readonly BuildEvent[]>): Promise<readonly BuildEvent[]> {
  for await (const batch of batches) return batch;
  return [];
}
