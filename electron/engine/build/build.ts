import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { BuildEvent, BuildEventBody, BuildSummary, BuiltImage } from '../../../shared/build-events.ts';
import { decodeName } from '../base/byte-path.ts';
import { isAbort, toErrorPayload } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { BuildRequest } from './build-request.ts';
import { checkOutput } from './check-outputs.ts';
import { commitStage } from './commit-stage.ts';
import { openContext } from '../context/open-context.ts';
import type { LiveContext } from '../context/live-context.ts';
import type { ContextFolder } from '../context/open-folder.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import type { Executor } from '../executor/executor.ts';
import type { BuildGraph, GraphStep } from '../graph/build-graph.ts';
import { importLayoutImage } from '../image/import/import-layout-image.ts';
import { formatPlatform, hostPlatform, parsePlatform } from '../image/platform.ts';
import type { Descriptor, Platform } from '../image/oci.ts';
import { familiarReference, normalizeTag } from '../image/reference.ts';
import { unknownStages } from '../graph/resolve-stage.ts';
import { openResources } from './open-resources.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { namedContexts, openNamedFolders } from './named-folders.ts';
import { plannedEvent, sourceEvent } from './planned-event.ts';
import { isHostPlatform } from './base-memory.ts';
import { drawGraph } from './draw-graph.ts';
import type { OnTransfer } from '../registry/transfer-progress.ts';
import type { Registries } from '../registry/registries.ts';
import { createEventStream } from '../solver/event-stream.ts';
import { solve } from '../solver/solve.ts';
import type { BuildLog, Lease, Store } from '../store/store.ts';
import { writeOutputs } from './write-outputs.ts';

export interface BuildServices {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly now: () => Date;
  readonly registries: Registries;
  readonly executor: Executor;
}

export interface BuildOptions {
  /** Hears every event of the build, in order, in batches. */
  readonly onEvents: (events: readonly BuildEvent[]) => void;
  /** The context as earlier builds left it, brought up to date; without it the folder is walked. */
  readonly live?: LiveContext | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds an image: reads the Dockerfile, draws the graph, solves it, commits and tags the result. Everything that happens
 * goes to `onEvents` and to the store's log of the build; the last event is always `build.finished`, which is handed on
 * before the promise settles. Fails with an EngineError, or with an AbortError when `signal` fires; then nothing is tagged.
 */
export async function build(
  services: BuildServices,
  request: BuildRequest,
  options: BuildOptions,
): Promise<BuiltImage> {
  const { store, now } = services;
  const tags = [...new Set(request.tags.map(normalizeTag))];
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  const signal = options.signal ?? new AbortController().signal;

  let summary: BuildSummary = {
    id: newBuildId(now()),
    folder: request.folder,
    dockerfile: request.dockerfile ?? 'Dockerfile',
    tags,
    trigger: request.trigger,
    outcome: 'running',
    startedAt: now().getTime(),
    steps: 0,
    cached: 0,
  };
  const lease = store.lease(`build ${summary.id}`);
  const log = createLog(store, summary, lease);
  const events = createEventStream(
    (batch) => {
      log.append(batch);
      options.onEvents(batch);
    },
    () => now().getTime(),
  );
  const said = new Set<string>();
  const emit = (event: BuildEventBody): void => {
    if (event.type === 'warning') {
      // Steps side by side may all have the same to say.
      const text = `${event.code} ${event.message} ${JSON.stringify(event.range)}`;
      if (said.has(text)) return;
      said.add(text);
    }
    events.emit(event);
  };

  const task = async <T>(id: string, name: string, work: () => Promise<T>): Promise<T> => {
    emit({ type: 'task.started', id, name });
    try {
      signal.throwIfAborted();
      const result = await work();
      emit({ type: 'task.finished', id });
      return result;
    } catch (error) {
      emit({ type: 'task.finished', id, error: toErrorPayload(error) });
      throw error;
    }
  };

  const produce = async (): Promise<BuiltImage> => {
    emit({
      type: 'build.started',
      buildId: summary.id,
      folder: request.folder,
      dockerfile: summary.dockerfile,
      tags,
      ...(request.target === undefined ? {} : { target: request.target }),
      platform: formatPlatform(platform),
      trigger: request.trigger,
    });
    for (const output of request.outputs ?? []) await checkOutput(output);
    await using resources = await openResources(request, store);
    const context = await openContext({
      folder: request.folder,
      ...(request.dockerfile === undefined ? {} : { dockerfile: request.dockerfile }),
      pool: services.pool,
      cacheFolder: `${store.root}/stat-cache`,
      live: options.live,
      signal,
    });
    const project = `${context.root}\n${context.dockerfile.path}`;
    await store.kept.removeProject(project);
    const contexts = namedContexts(request.contexts ?? {});
    const named = await openNamedFolders(
      contexts,
      { pool: services.pool, cacheFolder: `${store.root}/stat-cache`, signal },
      (folder, name) => loadContext(folder, `internal/context/${name}`, task, emit),
    );
    const dockerfile = await task('internal/dockerfile', `load ${context.dockerfile.name}`, async () => {
      const text = await context.dockerfile.read();
      emit(sourceEvent(decodeName(text)));
      return parseDockerfile(text, context.dockerfile.name);
    });
    for (const { code, message, range } of dockerfile.warnings)
      emit({ type: 'warning', code, message, range });
    const { graph, images } = await drawGraph(
      {
        dockerfile,
        target: request.target,
        buildArgs: request.buildArgs,
        platform,
        buildPlatform: hostPlatform(),
        rights: { grants: request.grants ?? [], network: request.network ?? 'default' },
        contexts,
      },
      {
        store,
        lease,
        load: (layout, platform) =>
          task(`load/${layout.path}`, `load from ${basename(layout.path)}`, () =>
            importLayoutImage({ store, pool: services.pool, lease, platform, signal }, layout),
          ),
        alwaysPull: request.pull ?? false,
        now,
        pull: (reference, platform) =>
          pullBase(services.registries, lease, reference, platform, task, emit, signal),
      },
    );
    emit(plannedEvent(dockerfile, graph));
    for (const name of graph.unusedBuildArgs) {
      emit({
        type: 'warning',
        code: 'BUILD_ARG_UNUSED',
        message: `Build argument ${name} is not declared by any ARG.`,
      });
    }
    for (const name of unknownStages(dockerfile, request.noCacheFilter ?? [])) {
      emit({
        type: 'warning',
        code: 'NO_CACHE_FILTER_UNUSED',
        message: `--no-cache-filter ${name} names no stage.`,
      });
    }
    summary = { ...summary, steps: graph.steps.length };

    const tree = lazily(() => loadContext(context, 'internal/context', task, emit));
    // Begun now, it goes on beside the steps before the first that asks. Whoever asks hears of a failure.
    const walking = graph.steps.some(readsContext) ? tree().catch(() => undefined) : undefined;
    const solving = solve({
      graph,
      store,
      pool: services.pool,
      executor: services.executor,
      lease,
      context: tree,
      named: named.tree,
      isIgnored: (from, path) =>
        from.kind === 'context' ? context.isIgnored(path) : named.isIgnored(from, path),
      images,
      buildId: summary.id,
      project,
      file: dockerfile.file,
      noCache: request.noCache,
      noCacheFilter: new Set((request.noCacheFilter ?? []).map((name) => name.toLowerCase())),
      ignore: context.ignore,
      resources,
      now,
      emit: (event) => {
        if (event.type === 'step.finished' && event.state === 'cached')
          summary = { ...summary, cached: summary.cached + 1 };
        emit(event);
      },
      drained: () => log.drained(),
      signal,
      parallelism: Math.max(4, availableParallelism()),
    });
    // The last word is build.finished: the walk must not report after it, even if a step failed meanwhile.
    const solution = await solving.finally(() => Promise.all([walking, named.settled()]));
    return task('export', 'write the image', () => finishImage(graph, solution));
  };

  const finishImage = async (
    graph: BuildGraph,
    solution: Awaited<ReturnType<typeof solve>>,
  ): Promise<BuiltImage> => {
    const committed = await commitStage(graph, solution, { store, labels: request.labels, now });
    const { descriptor, configDigest } = committed;
    lease.add(descriptor.digest, configDigest);
    await writeOutputs(request.outputs ?? [], descriptor.digest, {
      store,
      pool: services.pool,
      references: tags,
      signal,
    });
    signal.throwIfAborted();
    await store.images.put({
      descriptor,
      config: configDigest,
      createdAt: committed.createdAt,
      storedAt: now().toISOString(),
      buildId: summary.id,
      origin: 'built',
    });
    if (tags.length > 0) await store.references.set(tags, descriptor);
    return { id: descriptor.digest, config: configDigest, references: tags, size: committed.size };
  };

  const finish = async (
    outcome: Pick<BuildSummary, 'image' | 'error'> & { outcome: BuildSummary['outcome'] },
  ): Promise<void> => {
    summary = { ...summary, ...outcome, finishedAt: now().getTime() };
    emit({
      type: 'build.finished',
      outcome: outcome.outcome as 'succeeded' | 'failed' | 'cancelled',
      ...(outcome.image ? { image: outcome.image } : {}),
      ...(outcome.error ? { error: outcome.error } : {}),
    });
    events.flush();
    try {
      store.builds.update(summary);
      await log.close();
    } catch {
      // What became of the build does not depend on whether it could be written down.
      await log.close().catch(() => undefined);
    }
  };

  try {
    const image = await produce();
    await finish({ outcome: 'succeeded', image });
    return image;
  } catch (error) {
    const cancelled = isAbort(error) || signal.aborted;
    await finish({
      outcome: cancelled ? 'cancelled' : 'failed',
      error: toErrorPayload(cancelled ? (signal.reason ?? error) : error),
    });
    throw error;
  } finally {
    release(lease);
  }
}

function createLog(store: Store, summary: BuildSummary, lease: Lease): BuildLog {
  try {
    return store.builds.create(summary);
  } catch (error) {
    release(lease);
    throw error;
  }
}

/** A lease that cannot be given up, on a full disk say, ends with the process; the build has ended before. */
function release(lease: Lease): void {
  try {
    lease.release();
  } catch {
    // As said above.
  }
}

/** Walks the context as a task of its own, and says what it left out. */
async function loadContext(
  context: ContextFolder,
  id: string,
  task: <T>(id: string, name: string, work: () => Promise<T>) => Promise<T>,
  emit: ReturnType<typeof createEventStream>['emit'],
): Promise<FileTree> {
  return task(id, `load the build context ${basename(context.root)}`, async () => {
    const tree = await context.tree((files) =>
      emit({ type: 'progress', step: id, label: 'files', current: files, unit: 'files' }),
    );
    for (const { code, message } of context.warnings()) emit({ type: 'warning', code, message });
    return tree;
  });
}

/** Pulls a base image as a task of its own. */
async function pullBase(
  registries: Registries,
  lease: Lease,
  reference: string,
  platform: Platform,
  task: <T>(id: string, name: string, work: () => Promise<T>) => Promise<T>,
  emit: ReturnType<typeof createEventStream>['emit'],
  signal: AbortSignal,
): Promise<Descriptor> {
  const id = `pull/${reference}`;
  const onTransfer: OnTransfer = (current, total) =>
    emit({ type: 'progress', step: id, label: 'bytes', current, total, unit: 'bytes' });
  const work = (): ReturnType<Registries['pull']> =>
    registries.pull(reference, lease, { platform, tag: isHostPlatform(platform), onTransfer, signal });
  return (await task(id, `pull ${familiarReference(reference)}`, work)).descriptor;
}

function readsContext({ definition }: GraphStep): boolean {
  switch (definition.op) {
    case 'copy':
    case 'add':
      return definition.from.kind === 'context';
    case 'run':
      return (definition.mounts ?? []).some((mount) => 'from' in mount && mount.from?.kind === 'context');
    default:
      return false;
  }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Sorts by time, is unique, and fits a file name: `20261124-093012-1f3a9c`. */
function newBuildId(at: Date): string {
  const stamp = at.toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${stamp}-${randomBytes(4).toString('hex')}`;
}
