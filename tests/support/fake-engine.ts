import type { BuildEvent, BuildEventBody, BuildSummary } from '../../shared/build-events.ts';
import type { BuildRequest } from '../../electron/engine/build/build-request.ts';
import { createLiveContext } from '../../electron/engine/context/live-context.ts';
import type { Engine } from '../../electron/engine/engine.ts';

/** A build that a test drives by hand. */
export interface FakeBuild {
  readonly request: BuildRequest;
  readonly signal: AbortSignal | undefined;
  /** Emits events in one batch, as the engine would, and writes them to the log. */
  emit(...bodies: readonly BuildEventBody[]): void;
  /** Ends the build well, or with an error. */
  end(error?: Error): void;
}

export interface FakeEngine extends Engine {
  readonly started: FakeBuild[];
  readonly logs: Map<string, BuildEvent[]>;
  readonly summaries: Map<string, BuildSummary>;
  readonly asked: (readonly unknown[])[];
  closed: boolean;
}

/** An engine without a store: builds are driven by the test, other calls are written down and answered with little. */
export function createFakeEngine(root = '/nowhere/store'): FakeEngine {
  const started: FakeBuild[] = [];
  const logs = new Map<string, BuildEvent[]>();
  const summaries = new Map<string, BuildSummary>();
  const asked: (readonly unknown[])[] = [];

  const engine: FakeEngine = {
    started,
    logs,
    summaries,
    asked,
    closed: false,
    store: { root },
    build(request, { onEvents, signal }) {
      const id = `b${started.length + 1}`;
      const log: BuildEvent[] = [];
      const ending = Promise.withResolvers<never>();
      started.push({
        request,
        signal,
        emit(...bodies) {
          const events = bodies.map((body, index) => ({ ...body, seq: log.length + index, time: 0 }));
          log.push(...events);
          logs.set(id, log);
          if (!summaries.has(id)) summaries.set(id, summary(id, request.folder, 'running'));
          onEvents(events);
        },
        end(error) {
          if (summaries.has(id))
            summaries.set(id, summary(id, request.folder, error ? 'failed' : 'succeeded'));
          if (error) ending.reject(error);
          else ending.resolve(undefined as never);
        },
      });
      return ending.promise;
    },
    async predict(request) {
      asked.push(['predict', request.folder]);
      return { stages: [], steps: [], missing: [] };
    },
    watching: {
      files: async (folder) => ({ root: folder, patterns: [], control: [], controlDigest: '' }),
      context: createLiveContext,
    },
    async outline(folder, dockerfile) {
      asked.push(['outline', folder, dockerfile]);
      return { file: dockerfile ?? 'Dockerfile', stages: [], args: [] };
    },
    images: {
      list: async () => [],
      get: async (id) => Promise.reject(new Error(`no ${id}`)),
      find: () => `sha256:${'0'.repeat(64)}`,
      tag: async (id, reference) => {
        asked.push(['tag', id, reference]);
        return { reference };
      },
      untag: async (reference) => void asked.push(['untag', reference]),
      remove: async (id) => {
        asked.push(['remove', id]);
        return { freed: 1 };
      },
      load: async (path) => {
        asked.push(['load', path]);
        return { images: [], references: [] };
      },
      save: async (id, path, format) => {
        asked.push(['save', id, path, format]);
        return { path, size: 1 };
      },
      pull: async (reference) => {
        asked.push(['pull', reference]);
        return { reference, id: `sha256:${'0'.repeat(64)}` };
      },
      push: async (reference) => {
        asked.push(['push', reference]);
        return { reference, id: `sha256:${'0'.repeat(64)}` };
      },
    },
    builds: {
      list: () => [...summaries.values()],
      get: (id) => summaries.get(id),
      async *events(id) {
        yield* [...(logs.get(id) ?? [])];
      },
      remove: async (ids) => void asked.push(['builds.remove', ids]),
    },
    debug: {
      list: () => [],
      open: async (buildId) => Promise.reject(new Error(`nothing of ${buildId}`)),
    },
    storage: {
      usage: async () => ({ total: 0, kinds: [], images: { unique: 0, shared: 0 }, items: [] }),
      prune: async (rules, { dryRun = false } = {}) => {
        asked.push(['prune', rules, dryRun]);
        return { freed: 1, kinds: [{ kind: 'cache', count: 1, bytes: 1 }], dryRun };
      },
      policy: async () => ({ maxSize: 20_000_000_000, keepDays: 30, keepBuilds: 20 }),
      tidy: async (every) => {
        asked.push(['tidy', every]);
        return undefined;
      },
    },
    check: async () => [],
    async close() {
      engine.closed = true;
    },
  };
  return engine;
}

/** The first event of a build with this id. */
export function buildStarted(buildId: string): BuildEventBody {
  const request = { folder: '/p', dockerfile: 'Dockerfile', tags: [], platform: 'linux/amd64' };
  return { type: 'build.started', buildId, trigger: { kind: 'manual' }, ...request };
}

export function log(text: string): BuildEventBody {
  return { type: 'step.log', step: '0/1', stream: 'stdout', text };
}

export function summary(id: string, folder: string, outcome: BuildSummary['outcome']): BuildSummary {
  const trigger = { kind: 'manual' } as const;
  return {
    id,
    folder,
    dockerfile: 'Dockerfile',
    tags: [],
    trigger,
    outcome,
    startedAt: 0,
    steps: 0,
    cached: 0,
  };
}
