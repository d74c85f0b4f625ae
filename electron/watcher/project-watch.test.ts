import { afterEach, expect, test } from 'vitest';
import type { LiveContext } from '../engine/context/live-context.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { watchProject, type ProjectWatch, type ProjectWatchState } from './project-watch.ts';
import type { Subscribe } from './subscription.ts';
import type { WatchBuildOptions, WatchBuildResult } from './watch-build.ts';
import type { WatchMessage } from './watch-messages.ts';

const FILES = { root: '/p', patterns: [], control: ['/p/Dockerfile'], controlDigest: 'one' };

interface Bench {
  readonly clock: FakeClock;
  readonly watch: ProjectWatch;
  /** What the newest subscription says. */
  say(message: WatchMessage): void;
  saved(...paths: readonly string[]): void;
  readonly subscriptions: readonly { readonly polling: number | undefined; readonly closed: boolean }[];
  readonly builds: readonly WatchBuildOptions[];
  readonly updates: readonly (readonly string[] | 'everything')[];
  until(wanted: (state: ProjectWatchState) => boolean): Promise<ProjectWatchState>;
}

let open: ProjectWatch | undefined;
afterEach(() => open?.close());

/** A watch without a folder: every path that is told of is different, and builds end as `build` says. */
function setUp(build: (options: WatchBuildOptions) => Promise<WatchBuildResult>): Bench {
  const clock = createFakeClock();
  const subscriptions: {
    polling: number | undefined;
    closed: boolean;
    say: (message: WatchMessage) => void;
  }[] = [];
  const builds: WatchBuildOptions[] = [];
  const updates: (readonly string[] | 'everything')[] = [];
  const listeners = new Set<() => void>();
  const subscribe: Subscribe = (_files, { polling, onMessage }) => {
    const mine = { polling, closed: false, say: onMessage };
    subscriptions.push(mine);
    return {
      taken: () => undefined,
      synced: async () => undefined,
      close: async () => void (mine.closed = true),
    };
  };
  const context: Pick<LiveContext, 'update' | 'concerns'> = {
    async update(changes) {
      updates.push(changes === 'everything' ? changes : [...changes.keys()]);
      return changes === 'everything' ? [] : [...changes.keys()];
    },
    concerns: () => true,
  };
  const watch = watchProject(
    {
      files: async () => FILES,
      context: context as LiveContext,
      build(options) {
        builds.push(options);
        return build(options);
      },
    },
    { whileBuilding: 'finish', clock, subscribe, onState: () => listeners.forEach((listener) => listener()) },
  );
  open = watch;
  return {
    clock,
    watch,
    subscriptions,
    builds,
    updates,
    say: (message) => subscriptions.at(-1)!.say(message),
    saved(...paths) {
      const changes = paths.map((path) => [path, 'entry'] as const);
      this.say({ kind: 'changes', paths: changes, everything: false, control: false, storm: false });
    },
    until: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!wanted(watch.state())) return;
          listeners.delete(look);
          resolve(watch.state());
        };
        listeners.add(look);
        setImmediate(look);
      }),
  };
}

const succeeded = async (): Promise<WatchBuildResult> => ({ outcome: 'succeeded' });
const idle = ({ phase }: ProjectWatchState): boolean => phase === 'watching';

test('builds at once, and again 300 ms after the last save', async () => {
  const bench = setUp(succeeded);
  await bench.until(idle);
  bench.saved('a');
  bench.clock.advance(299);
  bench.saved('b');
  expect(bench.watch.state()).toMatchObject({ phase: 'changes', files: ['a', 'b'], fileCount: 2 });
  bench.clock.advance(299);
  expect(bench.builds).toHaveLength(1);
  bench.clock.advance(1);
  await bench.until(({ number }) => number === 2);
  expect(bench.builds[1]).toMatchObject({ files: ['a', 'b'], count: 2 });
});

test('one build waits for the one under way, with all that was saved meanwhile', async () => {
  const endings: ((result: WatchBuildResult) => void)[] = [];
  const bench = setUp(() => new Promise((resolve) => endings.push(resolve)));
  await bench.until(({ phase }) => phase === 'building');
  for (const path of ['a', 'b', 'c']) {
    bench.saved(path);
    bench.clock.advance(300);
  }
  await bench.until(({ phase }) => phase === 'queued');
  expect(endings).toHaveLength(1);
  endings[0]!({ outcome: 'succeeded' });
  await bench.until(({ number }) => number === 2);
  expect(bench.builds[1]?.files).toEqual(['a', 'b', 'c']);
  endings[1]!({ outcome: 'succeeded' });
  await bench.until(idle);
  expect(bench.builds).toHaveLength(2);
});

test('where the system watches no more folders, it looks for changes and says what to raise', async () => {
  const bench = setUp(succeeded);
  await bench.until(idle);
  for (let i = 0; i < 3; i++) bench.say({ kind: 'failed', code: 'ENOSPC', message: 'no space' });
  expect(bench.watch.state().polling).toContain('sudo sysctl fs.inotify.max_user_watches=524288');
  expect(bench.subscriptions.map(({ polling }) => polling)).toEqual([undefined, 1_000]);
  bench.say({ kind: 'ready' });
  expect(bench.subscriptions[0]?.closed).toBe(true);
});

test('what may have been missed is looked for everywhere', async () => {
  const bench = setUp(succeeded);
  await bench.until(idle);
  bench.say({ kind: 'ready' });
  bench.clock.advance(300);
  await bench.until(({ unchanged }) => unchanged);
  expect(bench.updates.at(-1)).toBe('everything');
  expect(bench.builds).toHaveLength(1);
});

test('after a storm there is one look at all, and a new subscription', async () => {
  const bench = setUp(succeeded);
  await bench.until(idle);
  const before = bench.updates.length;
  for (let i = 0; i < 50; i++) {
    bench.say({ kind: 'changes', paths: [], everything: true, control: false, storm: true });
    bench.clock.advance(100);
  }
  expect(bench.updates).toHaveLength(before);
  bench.clock.advance(1_000);
  await bench.until(() => bench.subscriptions.length === 2);
  expect(bench.updates.slice(before)).toEqual(['everything']);
  expect(bench.subscriptions[0]?.closed).toBe(true);
});

test('a file that changed while it was read is built once more, but not for ever', async () => {
  const bench = setUp(async () => ({
    outcome: 'failed',
    error: { code: 'CONTEXT_FILE_CHANGED', message: 'It changed.' },
  }));
  for (let number = 1; number <= 6; number++) {
    await bench.until((state) => state.number === number && state.phase !== 'building');
    bench.clock.advance(300);
  }
  await bench.until(idle);
  bench.clock.advance(10_000);
  expect(bench.builds).toHaveLength(6);
});
