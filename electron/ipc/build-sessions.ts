import type { BuildEvent, BuildSummary } from '../../shared/build-events.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { Changes } from './changes.ts';
import { createEventWindow } from './event-window.ts';
import { findBuild, followLive, followLog, type EmitEvents, type LiveBuild } from './follow-build.ts';
import type { BuildRequest } from '../engine/build/build-request.ts';
import type { LiveContext } from '../engine/context/live-context.ts';
import type { Engine } from '../engine/engine.ts';

/** The builds this process runs, and how windows follow them and older ones. A build goes on when nobody follows it. */
export interface BuildSessions {
  /** Starts a build; answers its id once the engine has given it one, or fails as the engine did before that. */
  start(request: BuildRequest): Promise<string>;
  /** The same, with how it ends: undefined where the engine failed before the build had an id. */
  begin(request: BuildRequest, options?: BeginOptions): BegunBuild;
  /** Cancels a build. Nothing happens to one that has ended. Fails with BUILD_NOT_FOUND, BUILD_ELSEWHERE. */
  cancel(buildId: string): Promise<void>;
  /**
   * Hands `emit` every event from the first, in batches at least 40 ms apart, until the build has ended or the signal
   * fires. Fails with BUILD_NOT_FOUND.
   */
  follow(buildId: string, emit: EmitEvents, signal: AbortSignal): Promise<void>;
  /** How many builds are under way in this process. */
  running(): number;
  /** Answers once no build is under way. */
  idle(): Promise<void>;
  /** Cancels every build and answers once each has ended. */
  close(): Promise<void>;
}

export interface BeginOptions {
  readonly live?: LiveContext;
  /** Cancels the build. */
  readonly signal?: AbortSignal;
}

export interface BegunBuild {
  readonly started: Promise<string>;
  readonly ended: Promise<BuildSummary | undefined>;
}

export interface BuildSessionsOptions {
  readonly engine: Pick<Engine, 'build' | 'builds'>;
  readonly changes: Changes;
  /** Called when a build that was started here has ended. */
  readonly onFinished?: (summary: BuildSummary) => void;
}

interface Run {
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
}

/** Sessions over the engine's build and its build log. */
export function createBuildSessions({ engine, changes, onFinished }: BuildSessionsOptions): BuildSessions {
  const runs = new Set<Run>();
  const live = new Map<string, { readonly build: LiveBuild; readonly controller: AbortController }>();

  function begin(request: BuildRequest, options: BeginOptions = {}): BegunBuild {
    const controller = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    const started = Promise.withResolvers<string>();
    const feed = createFeed();

    const onEvents = (events: readonly BuildEvent[]): void => {
      feed.push(events);
      const first = events.find((event) => event.type === 'build.started');
      if (!first) return;
      live.set(first.buildId, { build: feed.as(first.buildId), controller });
      changes.notify('builds', 'projects');
      started.resolve(first.buildId);
    };

    // How a build fails is an event like any other; only what fails before it has an id fails `start`.
    const ended = engine
      .build(request, { onEvents, signal, live: options.live })
      .then(() => undefined, started.reject)
      .then(async () => {
        feed.finish();
        const id = feed.id();
        if (id === undefined) return undefined;
        live.delete(id);
        changes.notify('builds', 'projects', 'images');
        const summary = await engine.builds.get(id);
        if (summary) onFinished?.(summary);
        return summary;
      })
      .finally(() => runs.delete(run));
    const run: Run = { controller, ended };
    runs.add(run);
    return { started: started.promise, ended };
  }

  async function idle(): Promise<void> {
    while (runs.size > 0) await Promise.allSettled([...runs].map((run) => run.ended));
  }

  return {
    start: (request) => begin(request).started,
    begin,
    idle,
    running: () => runs.size,
    async cancel(buildId) {
      const session = live.get(buildId);
      if (session) {
        session.controller.abort();
        return;
      }
      const { outcome } = await findBuild(engine.builds, buildId);
      if (outcome !== 'running') return;
      throw new EngineError('BUILD_ELSEWHERE', 'This build runs in another process.', {
        hint: 'Cancel it where it was started.',
      });
    },
    async follow(buildId, emit, signal) {
      const session = live.get(buildId);
      await (session
        ? followLive(engine.builds, session.build, emit, signal)
        : followLog(engine.builds, buildId, emit, signal));
    },
    async close() {
      for (const run of runs) run.controller.abort();
      await idle();
    },
  };
}

/** The writing end of a LiveBuild. */
function createFeed() {
  const window = createEventWindow();
  let news = Promise.withResolvers<void>();
  let done = false;
  let buildId: string | undefined;
  const announce = (): void => {
    news.resolve();
    news = Promise.withResolvers<void>();
  };
  return {
    push(events: readonly BuildEvent[]): void {
      window.push(events);
      announce();
    },
    finish(): void {
      done = true;
      announce();
    },
    id: () => buildId,
    as(id: string): LiveBuild {
      buildId = id;
      return {
        id,
        window,
        get done() {
          return done;
        },
        news: () => news.promise,
      };
    },
  };
}
