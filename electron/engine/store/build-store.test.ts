import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BuildEvent, BuildSummary } from '../../../shared/build-events.ts';
import { withDirectory } from '../../../tests/faults/store-samples.ts';
import { openBuildLog } from './build-log.ts';
import { nodeFs, type StoreFile } from './durable-fs.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

function withStore(work: (store: Store, root: string) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const store = await openStore({ root });
      try {
        await work(store, root);
      } finally {
        store.close();
      }
    });
}

function summary(id: string, more: Partial<BuildSummary> = {}): BuildSummary {
  return {
    id,
    folder: '/project',
    dockerfile: 'Dockerfile',
    tags: [],
    trigger: { kind: 'manual' },
    outcome: 'running',
    startedAt: 1,
    steps: 0,
    cached: 0,
    ...more,
  };
}

function event(seq: number, text = 'line'): BuildEvent {
  return { type: 'step.log', step: 's/1', stream: 'stdout', text, seq, time: seq };
}

async function eventsOf(store: Store, id: string): Promise<readonly BuildEvent[]> {
  const events: BuildEvent[] = [];
  for await (const each of store.builds.events(id)) events.push(each);
  return events;
}

test(
  'records are listed newest first, by folder, up to a limit',
  withStore(async ({ builds }) => {
    for (const [id, startedAt, folder] of [
      ['a', 1, '/x'],
      ['b', 3, '/y'],
      ['c', 2, '/x'],
    ] as const) {
      await builds.create(summary(id, { startedAt, folder })).close();
    }
    expect(builds.list().map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    expect(builds.list({ folder: '/x' }).map(({ id }) => id)).toEqual(['c', 'a']);
    expect(builds.list({ limit: 1 }).map(({ id }) => id)).toEqual(['b']);
    const done = summary('a', { outcome: 'succeeded', finishedAt: 9, folder: '/x' });
    builds.update(done);
    expect(builds.get('a')).toEqual(done);
    expect(builds.get('nowhere')).toBeUndefined();
    expect(() => builds.create(summary('a'))).toThrow('already');
  }),
);

test(
  'events are in the log within 200 ms, and all of them after close',
  withStore(async (store, root) => {
    const log = store.builds.create(summary('a'));
    const path = join(root, 'builds/a.jsonl');
    log.append([event(0), event(1)]);
    await delay(400);
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(3);
    const more = Array.from({ length: 3000 }, (_, i) => event(i + 2, `zeile ${i} ünïcödé\n`.repeat(5)));
    for (let i = 0; i < more.length; i += 100) log.append(more.slice(i, i + 100));
    await log.close();
    await log.close();
    expect(await eventsOf(store, 'a')).toEqual([event(0), event(1), ...more]);
    expect(() => log.append([event(9)])).toThrow('closed');
  }),
);

test('a log that the disk cannot follow says so, until it has caught up', async () => {
  const disk = Promise.withResolvers<void>();
  const file = {
    write: async (data: Buffer) => disk.promise.then(() => ({ bytesWritten: data.length, buffer: data })),
    sync: async () => undefined,
    close: async () => undefined,
  } as unknown as StoreFile;
  const log = openBuildLog({ ...nodeFs, open: async () => file }, '/store', '/store/builds/a.jsonl');
  log.append([event(0, 'x'.repeat(2_000_000))]);
  expect(log.drained()).toBeUndefined();
  for (let i = 1; i < 6; i++) log.append([event(i, 'x'.repeat(2_000_000))]);
  const drained = log.drained();
  expect(drained).toBeDefined();
  disk.resolve();
  await drained;
  expect(log.drained()).toBeUndefined();
  await log.close();
});

test(
  'a torn line is passed over; a build without a log has no events',
  withStore(async (store, root) => {
    const log = store.builds.create(summary('a'));
    log.append([event(0)]);
    await log.close();
    appendFileSync(join(root, 'builds/a.jsonl'), JSON.stringify(event(1)).slice(0, 20));
    expect(await eventsOf(store, 'a')).toEqual([event(0)]);
    expect(await eventsOf(store, 'nowhere')).toEqual([]);
  }),
);

test(
  'remove takes row and log',
  withStore(async (store, root) => {
    for (const id of ['a', 'b']) await store.builds.create(summary(id)).close();
    await store.builds.remove(['a', 'nowhere']);
    expect(store.builds.list().map(({ id }) => id)).toEqual(['b']);
    expect(existsSync(join(root, 'builds/a.jsonl'))).toBe(false);
    expect(existsSync(join(root, 'builds/b.jsonl'))).toBe(true);
  }),
);

test.each(['../x', '', '.', '..', 'a/b', '.hidden', 'a\0b', 'x'.repeat(201)])(
  'the id %j reaches no file',
  (id) =>
    withStore(async ({ builds }, root) => {
      writeFileSync(join(root, 'x.jsonl'), '');
      expect(() => builds.create(summary(id))).toThrow('not the id of a build');
      expect(() => builds.events(id)).toThrow('not the id of a build');
      await expect(builds.remove([id])).rejects.toMatchObject({ code: 'BUILD_ID_INVALID' });
      expect(existsSync(join(root, 'x.jsonl'))).toBe(true);
    })(),
);
