import { relative } from 'node:path';
import type { WatchState } from '../../shared/contract.ts';
import type { ErrorPayload } from '../../shared/error-payload.ts';
import { EngineError, isAbort, toErrorPayload } from '../engine/base/errors.ts';
import type { WatchedFiles } from '../engine/context/watched-files.ts';
import { createChangeSet, type Changes } from './change-set.ts';
import { systemClock, type Clock } from './clock.ts';
import { pollingReason } from './polling-reason.ts';
import { createQuietPeriod } from './quiet-period.ts';
import { createRebuildQueue, type WhileBuilding } from './rebuild-queue.ts';
import { subscribe, type Subscribe, type Subscription } from './subscription.ts';
import type { WatchBuildOptions, WatchedProject } from './watch-build.ts';
import type { WatchMessage } from './watch-messages.ts';

/** Builds a project whenever something is saved that its last build read. */
export interface ProjectWatch {
  /** Without the project's id. */
  state(): ProjectWatchState;
  pause(): void;
  /** Builds what was saved meanwhile. */
  resume(): void;
  /** The project is another one in a way that no file tells: its Dockerfile may be another file. */
  recheck(): void;
  setWhileBuilding(choice: WhileBuilding): void;
  /** Ends it; a build under way is called off and waited for. */
  close(): Promise<void>;
}

export type ProjectWatchState = Omit<WatchState, 'projectId'>;

export interface ProjectWatchOptions {
  readonly whileBuilding: WhileBuilding;
  readonly paused?: boolean;
  /** Called whenever the state is another one. */
  readonly onState: () => void;
  readonly clock?: Clock;
  readonly subscribe?: Subscribe;
}

export const QUIET_MS = 300;
export const LONGEST_MS = 2_000;
const PATIENCE_MS = 1_000;
const POLLING_MS = 1_000;
const MOST_FILES = 20;
/** Of a storm the end is waited for: no build is wanted in the middle of a checkout or an installation. */
const MOST_AT_ONCE = 1_000;
/** Of more than so many paths at once nobody wants to know which ones count. */
const MOST_JUDGED = 200;
/** So often in a row a build may find that a file changed while it was read. */
const MOST_RETRIES = 5;

/** Begins with a build. Nothing here fails: what goes wrong is in the state. */
export function watchProject(project: WatchedProject, options: ProjectWatchOptions): ProjectWatch {
  const { clock = systemClock } = options;
  let begun = false;
  // Whoever is told has the watch in hand by then.
  const onState = (): void => {
    if (begun) options.onState();
  };
  let { whileBuilding, paused = false } = options;
  const changes = createChangeSet();
  let files: WatchedFiles | undefined;
  const subscriptions = new Set<Subscription>();
  let stormed = false;
  /** Something was saved, as opposed to a check whether something was. */
  let news = false;
  let messages = 0;
  let polling: string | undefined;
  let error: ErrorPayload | undefined;
  let building = false;
  let unchanged = false;
  let number = 0;
  let buildId: string | undefined;
  let triggers: readonly string[] = [];
  /** What a build was for that did not come to its end; undefined where none is owed. */
  let owed: readonly string[] | undefined = [];
  let lastSucceeded = false;
  let retries = 0;
  let heardAt = clock.now();
  let stopRetry = (): void => undefined;

  const queue = createRebuildQueue({ whileBuilding: () => whileBuilding, run: round, onState });
  const quiet = createQuietPeriod({
    clock,
    quiet: QUIET_MS,
    longest: LONGEST_MS,
    patience: PATIENCE_MS,
    onQuiet: () => void request(),
  });

  /** A watcher that is busy says nothing for a while, which is no quiet. */
  async function request(): Promise<void> {
    const before = messages;
    await Promise.all([...subscriptions].map((subscription) => subscription.synced()));
    if (messages === before || !isStorm()) queue.request({ news });
  }

  const isStorm = (): boolean => stormed || changes.size > MOST_AT_ONCE;

  function hear(message: WatchMessage): void {
    messages++;
    switch (message.kind) {
      case 'ready':
        // What changed before it was ready has not been told.
        changes.add({ everything: true });
        break;
      case 'gone':
        error = folderGone(files!.root);
        changes.add({ everything: true, control: true });
        news = true;
        break;
      case 'changes':
        if (message.paths.length === 0 && !message.everything && !message.control) return;
        stormed ||= message.storm;
        news = true;
        changes.add({ ...message, paths: new Map(message.paths) });
        break;
      case 'failed':
        if (message.code === 'EACCES' || message.code === 'EPERM') return;
        if (polling !== undefined || !files) return;
        polling = pollingReason(message);
        resubscribe(files);
    }
    if (message.kind !== 'ready') heardAt = clock.now();
    if (!paused) quiet.touch(isStorm());
    onState();
  }

  /** The new subscription takes over from earlier ones when it is ready, so that nothing goes unheard between them. */
  function resubscribe(to: WatchedFiles): void {
    const earlier = [...subscriptions];
    const mine = (options.subscribe ?? subscribe)(to, {
      ...(polling === undefined ? {} : { polling: POLLING_MS }),
      onMessage(message) {
        if (message.kind === 'ready') {
          for (const each of earlier) {
            subscriptions.delete(each);
            void each.close();
          }
        }
        hear(message);
      },
    });
    subscriptions.add(mine);
  }

  async function unsubscribe(): Promise<void> {
    const closing = [...subscriptions];
    subscriptions.clear();
    await Promise.all(closing.map((subscription) => subscription.close()));
  }

  /** Brings files and context up to date. Answers what a build is to be made for; undefined where there is no need. */
  async function prepare(taken: Changes, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const isFirst = files === undefined;
    let { everything } = taken;
    const said: string[] = [];
    if (isFirst || taken.control || taken.everything) {
      const before = files;
      const now = await project.files(before);
      signal.throwIfAborted();
      files = now;
      if (!before) {
        resubscribe(now);
      } else {
        const moved = now.root !== before.root;
        if (moved || JSON.stringify(now.patterns) !== JSON.stringify(before.patterns)) {
          everything = true;
          resubscribe(now);
        }
        if (now.controlDigest !== before.controlDigest || moved) said.push(...controlNames(now, taken));
      }
    }
    const differences = await project.context.update(everything ? 'everything' : taken.paths, signal);
    const concerned = differences?.filter((path) => !lastSucceeded || project.context.concerns(path));
    const found = concerned ?? [...taken.paths.keys()].filter((path) => project.context.concerns(path));
    const needed = isFirst || owed !== undefined || said.length > 0 || differences === undefined;
    const all = [...new Set([...said, ...(owed ?? []), ...found])];
    return needed || all.length > 0 ? all : undefined;
  }

  async function round(signal: AbortSignal): Promise<void> {
    const taken = changes.take();
    const times = { heardAt, quietAt: clock.now() };
    news = false;
    for (const subscription of subscriptions) subscription.taken();
    quiet.cancel();
    try {
      const wanted = await prepare(taken, signal);
      error = undefined;
      unchanged = wanted === undefined;
      if (wanted === undefined) return;
      owed = wanted;
      signal.throwIfAborted();
      await build(wanted, times, signal);
    } catch (thrown) {
      owed ??= [];
      if (isAbort(thrown) || signal.aborted) return;
      changes.add({ everything: true });
      if (retry(thrown instanceof EngineError ? thrown.code : undefined)) return;
      error = toErrorPayload(thrown);
      // Nothing tells of a folder that was not there to be watched.
      if (files === undefined) stopRetry = clock.after(LONGEST_MS, () => queue.request());
    } finally {
      building = false;
      // Folders that were made in a storm may not be subscribed to. Only now: subscribing takes much memory for a while.
      if (stormed && files && !signal.aborted) {
        stormed = false;
        // What happens between the two is found when the new one is ready.
        await unsubscribe();
        resubscribe(files);
      }
    }
  }

  async function build(
    wanted: readonly string[],
    times: Pick<WatchBuildOptions, 'heardAt' | 'quietAt'>,
    signal: AbortSignal,
  ): Promise<void> {
    triggers = wanted;
    building = true;
    number++;
    onState();
    const { outcome, error: failure } = await project.build({
      files: wanted.slice(0, MOST_FILES),
      count: wanted.length,
      ...times,
      signal,
      onStarted(id) {
        buildId = id;
        onState();
      },
    });
    lastSucceeded = outcome === 'succeeded';
    if (signal.aborted) return;
    if (outcome === 'failed' && retry(failure?.code)) {
      changes.add({ everything: true });
      return;
    }
    owed = undefined;
    retries = 0;
  }

  /** A file that is still being written will be done with soon. */
  function retry(code: string | undefined): boolean {
    if (code !== 'CONTEXT_FILE_CHANGED' || retries >= MOST_RETRIES) return false;
    retries++;
    if (!paused) quiet.touch();
    return true;
  }

  /** What was saved and not built yet, as far as the last build read it. */
  function seen(): readonly string[] {
    const paths = [...changes.paths()];
    if (paths.length > MOST_JUDGED || !lastSucceeded) return paths;
    return paths.filter((path) => project.context.concerns(path));
  }

  function phase(waiting: boolean): WatchState['phase'] {
    if (building) return queue.state === 'queued' || waiting ? 'queued' : 'building';
    if (error) return 'failed';
    if (paused) return 'paused';
    if (waiting || retries > 0) return 'changes';
    return number === 0 ? 'starting' : 'watching';
  }

  if (!paused) queue.request();
  begun = true;
  return {
    state() {
      const waiting = seen();
      const shown = waiting.length > 0 ? waiting : triggers;
      return {
        phase: phase(waiting.length > 0),
        files: shown.slice(0, MOST_FILES),
        fileCount: shown.length,
        number,
        unchanged,
        whileBuilding,
        ...(buildId === undefined ? {} : { buildId }),
        ...(polling === undefined ? {} : { polling }),
        ...(error === undefined ? {} : { error }),
      };
    },
    pause() {
      paused = true;
      quiet.cancel();
      onState();
    },
    resume() {
      paused = false;
      if (!changes.isEmpty || files === undefined || owed !== undefined) quiet.touch();
      onState();
    },
    recheck() {
      changes.add({ control: true });
      if (!paused) quiet.touch();
    },
    setWhileBuilding(choice) {
      whileBuilding = choice;
      onState();
    },
    async close() {
      paused = true;
      quiet.cancel();
      await queue.cancel();
      stopRetry();
      await unsubscribe();
    },
  };
}

/** The Dockerfiles and ignore files among what was heard; all that there may be, where that was not told. */
function controlNames({ root, control }: WatchedFiles, { paths }: Changes): readonly string[] {
  const names = control.map((path) => relative(root, path));
  const heard = names.filter((name) => paths.has(name));
  return heard.length > 0 ? heard : names.slice(0, 1);
}

function folderGone(root: string): ErrorPayload {
  return {
    code: 'CONTEXT_NOT_FOUND',
    message: `The folder ${root} is gone.`,
    hint: 'It is built again when it is back.',
  };
}
