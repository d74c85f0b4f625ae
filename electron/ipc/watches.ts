import type { WatchState } from '../../shared/contract.ts';
import { toErrorPayload } from '../engine/base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { watchProject, type ProjectWatch, type ProjectWatchOptions } from '../watcher/project-watch.ts';
import type { WatchBuildOptions, WatchBuildResult } from '../watcher/watch-build.ts';
import { buildRequest } from './build-request.ts';
import type { BuildSessions } from './build-sessions.ts';
import type { ProjectsStore, WatchChoice } from './projects-store.ts';

/** The projects that are built again on save. What is chosen is remembered with the project. */
export interface Watches {
  /** Watches again what was watched when the application was last closed. Never fails. */
  restore(): Promise<void>;
  /** Switches on or off, pauses, chooses; null: it is off. Fails with PROJECT_NOT_FOUND. */
  choose(projectId: string, choice: WatchInput): Promise<WatchState | null>;
  /** The project is built with other options from now on. */
  optionsChanged(projectId: string): void;
  /** Stops watching without remembering it: the project is removed. */
  stop(projectId: string): Promise<void>;
  states(): readonly WatchState[];
  /** Calls `listener` after each change until the answered function is called. */
  subscribe(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface WatchInput {
  readonly on?: boolean | undefined;
  readonly paused?: boolean | undefined;
  readonly whileBuilding?: WatchChoice['whileBuilding'] | undefined;
}

export interface WatchesOptions {
  readonly engine: Engine;
  readonly projects: ProjectsStore;
  readonly sessions: BuildSessions;
  /** How a project is watched; tests have their own clock. */
  readonly watch?: (
    project: Parameters<typeof watchProject>[0],
    options: ProjectWatchOptions,
  ) => ProjectWatch;
}

const DEFAULT: WatchChoice = { paused: false, whileBuilding: 'finish' };

/** Watches over the engine; nothing is watched yet. */
export function createWatches(options: WatchesOptions): Watches {
  const { engine, projects, sessions, watch = watchProject } = options;
  const watches = new Map<string, ProjectWatch>();
  const listeners = new Set<() => void>();
  let closed = false;

  const announce = (): void => {
    for (const listener of listeners) listener();
  };

  function start(projectId: string, { paused, whileBuilding }: WatchChoice): ProjectWatch {
    const context = engine.watching.context();
    const started = watch(
      {
        context,
        async files(before) {
          const { folder, options } = await projects.get(projectId);
          return engine.watching.files(folder, options.dockerfile, before);
        },
        build: (build) => run(projectId, context, build),
      },
      { paused, whileBuilding, onState: announce },
    );
    watches.set(projectId, started);
    announce();
    return started;
  }

  async function run(
    projectId: string,
    live: ReturnType<Engine['watching']['context']>,
    { files, count, onStarted, signal }: WatchBuildOptions,
  ): Promise<WatchBuildResult> {
    try {
      const { folder, options } = await projects.get(projectId);
      const trigger = { kind: 'watch' as const, files, count };
      const request = { ...buildRequest(folder, options, process.env), trigger };
      const { started, ended } = sessions.begin(request, { live, signal });
      onStarted(await started);
      const summary = await ended;
      const outcome = summary?.outcome;
      const known = outcome === 'succeeded' || outcome === 'failed' || outcome === 'cancelled';
      return { outcome: known ? outcome : 'failed', error: summary?.error };
    } catch (error) {
      return { outcome: 'failed', error: toErrorPayload(error) };
    }
  }

  async function stop(projectId: string): Promise<void> {
    const watching = watches.get(projectId);
    watches.delete(projectId);
    announce();
    await watching?.close();
  }

  const stateOf = (projectId: string, watching: ProjectWatch): WatchState => ({
    projectId,
    ...watching.state(),
  });

  return {
    stop,
    async restore() {
      for (const { id, watch: choice } of await projects.list().catch(() => [])) {
        if (choice && !closed && !watches.has(id)) start(id, choice);
      }
    },
    async choose(projectId, { on, paused, whileBuilding }) {
      const known = (await projects.get(projectId)).watch;
      if (on === false || (on === undefined && known === undefined)) {
        if (known) await projects.setWatch(projectId, undefined);
        await stop(projectId);
        return null;
      }
      const choice = { ...DEFAULT, ...known };
      const chosen = {
        paused: paused ?? choice.paused,
        whileBuilding: whileBuilding ?? choice.whileBuilding,
      };
      await projects.setWatch(projectId, chosen);
      const watching = watches.get(projectId);
      if (!watching) return stateOf(projectId, start(projectId, chosen));
      watching.setWhileBuilding(chosen.whileBuilding);
      if (chosen.paused) watching.pause();
      else watching.resume();
      return stateOf(projectId, watching);
    },
    optionsChanged: (projectId) => watches.get(projectId)?.recheck(),
    states: () => [...watches].map(([projectId, watching]) => stateOf(projectId, watching)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      await Promise.all([...watches.keys()].map(stop));
    },
  };
}
