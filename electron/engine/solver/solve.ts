import type { BuildEventBody } from '../../../shared/build-events.ts';
import type { MissCause } from '../../../shared/miss-reason.ts';
import type { Digest } from '../base/digest.ts';
import { isAbort, toErrorPayload } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { Executor } from '../executor/executor.ts';
import type { GraphStep } from '../graph/build-graph.ts';
import type { Layer } from '../layer/layer.ts';
import type { RunResources } from '../ops/run-resources.ts';
import type { OperationContext, PreparedOperation } from '../ops/operation.ts';
import type { Lease } from '../store/store.ts';
import { createExplainer, type ExplainerOptions, type Solved } from './explainer.ts';
import { ignoreCause } from './ignore-cause.ts';
import type { ChainLink } from './key-differences.ts';
import { rootFs, type RootFsWithView } from './root-fs.ts';
import { schedule } from './schedule.ts';
import { secretTexts } from './secret-texts.ts';
import { sourceTrees, stageName, type SourceTreeOptions } from './source-trees.ts';
import { solveStep, type StepOutcome } from './solve-step.ts';

export interface SolveOptions extends SourceTreeOptions {
  readonly pool: WorkerPool;
  readonly executor: Executor;
  readonly lease: Lease;
  readonly isIgnored: OperationContext['isIgnored'];
  /** Names the project across builds: with a step's position it finds earlier records of the step. */
  readonly project: string;
  readonly buildId: string;
  /** The Dockerfile as the user named it, for errors. */
  readonly file: string;
  readonly noCache: boolean;
  /** Stages, by their names in lower case, whose steps run whatever is in the cache. */
  readonly noCacheFilter: ReadonlySet<string>;
  /** The context's ignore file, for explaining misses. */
  readonly ignore: ExplainerOptions['ignore'];
  readonly resources: RunResources;
  readonly now: () => Date;
  readonly emit: (event: BuildEventBody) => void;
  /** See OperationContext. */
  readonly drained: () => Promise<void> | undefined;
  readonly signal: AbortSignal;
  /** Steps at a time. */
  readonly parallelism: number;
}

export interface Solution {
  /** What each step of the needed stages added; undefined where nothing. */
  readonly layers: ReadonlyMap<string, Layer | undefined>;
  /** The target's root filesystem, layers from the bottom up. */
  readonly target: readonly Layer[];
}

/**
 * Walks the graph: every step as soon as what it builds on and reads is done, independent ones side by side. Every planned
 * step ends in exactly one `step.finished` event. Fails as the first failing step did, or with the signal's reason.
 */
export async function solve(options: SolveOptions): Promise<Solution> {
  const { graph, store, emit } = options;
  const results = new Map<string, RootFsWithView>();
  const layers = new Map<string, Layer | undefined>();
  const empty = rootFs([], 'an empty file system', store);
  const resultOf = (id: string | undefined): RootFsWithView => (id === undefined ? empty : results.get(id)!);
  const chains = new Map<string, readonly ChainLink[]>();
  const chainOf = (step: string | undefined): readonly ChainLink[] =>
    (step === undefined ? undefined : chains.get(step)) ?? [];
  const solved = new Map<string, Solved>();
  const explainer = createExplainer({ ...options, secrets: secretTexts(graph, options.resources), chainOf });
  const trees = sourceTrees(options, resultOf);

  const finish = (step: GraphStep, outcome: StepOutcome): void =>
    emit({
      type: 'step.finished',
      step: step.id,
      state: outcome.cached ? 'cached' : 'built',
      ...(outcome.layer ? { size: outcome.layer.size, layer: outcome.layer.diffId } : {}),
    });

  /** Says why; a store that cannot tell is no reason to stop. */
  const missed = async (
    step: GraphStep,
    key: Digest,
    prepared: PreparedOperation,
    ignored: MissCause | undefined,
    signal: AbortSignal,
  ): Promise<void> => {
    const reason = ignored
      ? { cause: ignored }
      : await explainer
          .explain({ step, key, prepared, below: chainOf(step.previous) }, signal)
          .catch(() => undefined);
    explainer.settle(step.id, { state: 'missed', ...(reason ? { reason } : {}) });
    if (reason) emit({ type: 'step.cache', step: step.id, hit: false, reason });
  };

  const run = async (step: GraphStep, signal: AbortSignal): Promise<void> => {
    emit({ type: 'step.started', step: step.id });
    const below = resultOf(step.previous);
    const label = stageName(graph, step.stage);
    try {
      signal.throwIfAborted();
      if (step.definition.op === 'image') {
        const base = graph.stages[step.stage]!.base;
        const image = base?.kind === 'image' ? base.image : undefined;
        results.set(step.id, rootFs(image?.layers ?? [], label, store));
        chains.set(
          step.id,
          (image?.layers ?? []).map(({ contentDigest }) => ({ content: contentDigest })),
        );
        const size = image?.layers.reduce((sum, layer) => sum + layer.blob.size, 0) ?? 0;
        emit({ type: 'step.finished', step: step.id, state: 'cached', size });
        return;
      }
      const ignored = ignoreCause(step, graph, options);
      const outcome = await solveStep(
        step.definition,
        `${options.project}\n${step.position}`,
        {
          store,
          pool: options.pool,
          executor: options.executor,
          lease: options.lease,
          base: below,
          ...trees,
          resources: ignored ? options.resources : { ...options.resources, renewals: undefined },
          isIgnored: options.isIgnored,
          now: options.now,
          build: { id: options.buildId, project: options.project },
          step: { id: step.id, name: step.name, file: options.file, range: step.range },
          emit,
          drained: options.drained,
          signal,
        },
        {
          ignoreCache: ignored !== undefined,
          onKey(key, { inputs }) {
            solved.set(step.id, { key, reads: inputs.map(({ from }) => from), failed: true });
          },
          onMiss: (key, prepared) => missed(step, key, prepared, ignored, signal),
        },
      );
      const { layer, cached } = outcome;
      const { key, reads } = solved.get(step.id)!;
      solved.set(step.id, { key, reads, ...(layer ? { layer: layer.contentDigest } : {}) });
      if (cached) explainer.settle(step.id, { state: 'hit' });
      const lower = chainOf(step.previous);
      chains.set(step.id, layer ? [...lower, { content: layer.contentDigest, step: step.id }] : lower);
      layers.set(step.id, outcome.layer);
      const stack = outcome.layer ? [...below.layers, outcome.layer] : below.layers;
      results.set(step.id, rootFs(stack, label, store, below));
      finish(step, outcome);
    } catch (error) {
      const cancelled = isAbort(error) || signal.aborted;
      emit({
        type: 'step.finished',
        step: step.id,
        ...(cancelled ? { state: 'cancelled' } : { state: 'failed', error: toErrorPayload(error) }),
      });
      throw error;
    }
  };

  try {
    await schedule(graph.steps, run, {
      parallelism: options.parallelism,
      signal: options.signal,
      onNeverStarted: (step) => emit({ type: 'step.finished', step: step.id, state: 'cancelled' }),
    });
  } finally {
    explainer.save(solved);
  }
  return { layers, target: resultOf(graph.target.tip).layers };
}
