import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildSummary } from '../../shared/build-events.ts';
import { toErrorPayload } from '../../electron/engine/base/errors.ts';
import type { Clock } from '../../electron/watcher/clock.ts';
import { createWorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { build } from '../../electron/engine/build/build.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { openEngineStore } from '../../electron/engine/open-engine-store.ts';
import {
  watchProject,
  type ProjectWatch,
  type ProjectWatchOptions,
  type ProjectWatchState,
} from '../../electron/watcher/project-watch.ts';
import { servicesOver } from './build-services.ts';

/** Images whose times are all the same are equal if their files are. */
const AT = new Date('2026-11-24T12:00:00Z');

/** Ten times as fast as the world's. */
const fastClock: Clock = {
  now: () => performance.now() * 10,
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds / 10);
    return () => clearTimeout(timer);
  },
};

/** A real folder that is watched with the real watcher and built by a real engine. */
export interface WatchedFolder extends AsyncDisposable {
  readonly folder: string;
  readonly watch: ProjectWatch;
  readonly engine: Engine;
  /** Everything the engine built, oldest first. */
  readonly builds: readonly WatchedBuild[];
  /** The first state of which this is true, now or later. Fails after a minute. */
  until(wanted: (state: ProjectWatchState) => boolean): Promise<ProjectWatchState>;
  /** Digest of the image that a build from scratch makes of the folder as it is, in a store of its own. */
  fromScratch(): Promise<string>;
}

export interface WatchedBuild {
  readonly files: readonly string[];
  readonly summary: BuildSummary | undefined;
}

export interface WatchedFolderOptions extends Partial<
  Pick<ProjectWatchOptions, 'whileBuilding' | 'paused' | 'clock' | 'subscribe'>
> {
  /** Fills the folder before it is watched. */
  readonly prepare: (folder: string) => void;
  readonly dockerfile?: string;
}

export async function watchFolder(options: WatchedFolderOptions): Promise<WatchedFolder> {
  const place = mkdtempSync(join(tmpdir(), 'slipway-watch-'));
  const folder = join(place, 'project');
  const { dockerfile, prepare, ...watching } = options;
  prepare(folder);
  const requestOf = (files: readonly string[]) => ({
    folder,
    ...(dockerfile === undefined ? {} : { dockerfile }),
    tags: ['watched'],
    buildArgs: {},
    labels: {},
    noCache: false,
    trigger: { kind: 'watch' as const, files },
  });
  const engine = await createEngine({ store: join(place, 'store'), now: () => AT });
  const builds: WatchedBuild[] = [];
  const listeners = new Set<() => void>();
  const context = engine.watching.context();
  const watch = watchProject(
    {
      context,
      files: (before) => engine.watching.files(folder, dockerfile, before),
      async build({ files, onStarted, signal }) {
        let id = '';
        const finish = (): BuildSummary | undefined => {
          const summary = engine.builds.get(id);
          builds.push({ files, summary });
          return summary;
        };
        try {
          await engine.build(requestOf(files), {
            live: context,
            signal,
            onEvents(events) {
              for (const event of events) {
                if (event.type !== 'build.started') continue;
                id = event.buildId;
                onStarted(id);
              }
            },
          });
          finish();
          return { outcome: 'succeeded' };
        } catch (error) {
          finish();
          return { outcome: signal.aborted ? 'cancelled' : 'failed', error: toErrorPayload(error) };
        }
      },
    },
    {
      whileBuilding: 'finish',
      clock: fastClock,
      ...watching,
      onState: () => listeners.forEach((listener) => listener()),
    },
  );
  const pool = createWorkerPool();
  let scratches = 0;
  return {
    folder,
    watch,
    engine,
    builds,
    until(wanted) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const state = watch.state();
          if (!wanted(state)) return;
          listeners.delete(look);
          clearTimeout(timer);
          resolve(state);
        };
        const timer = setTimeout(
          () => reject(new Error(`It did not come to that: ${JSON.stringify(watch.state())}`)),
          60_000,
        );
        listeners.add(look);
        // The watch may be in the middle of telling.
        setImmediate(look);
      });
    },
    async fromScratch() {
      const path = join(place, `scratch-${scratches++}`);
      const store = await openEngineStore(path, pool, () => AT);
      try {
        const services = { ...servicesOver(store, pool), now: () => AT };
        return (await build(services, requestOf([]), { onEvents: () => undefined })).id;
      } finally {
        store.close();
        rmSync(path, { recursive: true, force: true });
      }
    },
    async [Symbol.asyncDispose]() {
      await watch.close();
      await engine.close();
      await pool.close();
      rmSync(place, { recursive: true, force: true });
    },
  };
}
