import type { BuildEventBody } from '../../../shared/build-events.ts';
import { isAbort, toErrorPayload } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { Executor } from '../executor/executor.ts';
import type { BuildGraph, GraphStep, ResolvedImage } from '../graph/build-graph.ts';
import { familiarReference } from '../image/reference.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { Layer } from '../layer/layer.ts';
import type { TreeReference } from '../ops/definition.ts';
import type { RunResources } from '../ops/run-resources.ts';
import type { OperationContext } from '../ops/operation.ts';
import type { Lease, Store } from '../store/store.ts';
import { rootFs, type RootFsWithView } from './root-fs.ts';
import { schedule } from './schedule.ts';
import { solveStep, type StepOutcome } from './solve-step.ts';

export interface SolveOptions {
  readonly graph: BuildGraph;
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly executor: Executor;
  readonly lease: Lease;
  /** The build context's tree; asked for only by steps that read it. */
  readonly context: () => Promise<FileTree>;
  readonly isIgnored: OperationContext['isIgnored'];
  /** The tree of a folder that a named build context stands for; likewise. */
  readonly named: (name: string) => Promise<FileTree>;
  /** Images COPY --from reads, by imageRequestKey. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** Names the project across builds: with a step's position it finds earlier records of the step. */
  readonly project: string;
  readonly buildId: string;
  /** The Dockerfile as the user named it, for errors. */
  readonly file: string;
  readonly noCache: boolean;
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
  const imageTrees = new Map<string, RootFsWithView>();

  const layersOf = (reference: TreeReference): RootFsWithView | undefined => {
    switch (reference.kind) {
      case 'context':
        return undefined;
      case 'stage':
        return resultOf(graph.stages[reference.stage]!.tip);
      case 'image': {
        let view = imageTrees.get(reference.request);
        if (!view) {
          view = rootFs(
            options.images.get(reference.request)!.layers,
            `image ${familiarReference(reference.reference)}`,
            store,
          );
          imageTrees.set(reference.request, view);
        }
        return view;
      }
      case 'named':
        return undefined;
    }
  };
  const tree = (reference: TreeReference): Promise<FileTree> => {
    if (reference.kind === 'named') return options.named(reference.name);
    return layersOf(reference)?.view() ?? options.context();
  };

  const finish = (step: GraphStep, outcome: StepOutcome): void =>
    emit({
      type: 'step.finished',
      step: step.id,
      state: outcome.cached ? 'cached' : 'built',
      ...(outcome.layer ? { size: outcome.layer.size, layer: outcome.layer.diffId } : {}),
    });

  const run = async (step: GraphStep, signal: AbortSignal): Promise<void> => {
    emit({ type: 'step.started', step: step.id });
    const below = resultOf(step.previous);
    const label = stageLabel(graph, step.stage);
    try {
      signal.throwIfAborted();
      if (step.definition.op === 'image') {
        const base = graph.stages[step.stage]!.base;
        const image = base?.kind === 'image' ? base.image : undefined;
        results.set(step.id, rootFs(image?.layers ?? [], label, store));
        const size = image?.layers.reduce((sum, layer) => sum + layer.blob.size, 0) ?? 0;
        emit({ type: 'step.finished', step: step.id, state: 'cached', size });
        return;
      }
      const outcome = await solveStep(
        step.definition,
        `${options.project}\n${step.position}`,
        {
          store,
          pool: options.pool,
          executor: options.executor,
          lease: options.lease,
          base: below,
          tree,
          layers: layersOf,
          resources: options.resources,
          isIgnored: options.isIgnored,
          now: options.now,
          build: { id: options.buildId, project: options.project },
          step: { id: step.id, name: step.name, file: options.file, range: step.range },
          emit,
          drained: options.drained,
          signal,
        },
        options,
      );
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

  await schedule(graph.steps, run, {
    parallelism: options.parallelism,
    signal: options.signal,
    onNeverStarted: (step) => emit({ type: 'step.finished', step: step.id, state: 'cancelled' }),
  });
  return { layers, target: resultOf(graph.target.tip).layers };
}

function stageLabel(graph: BuildGraph, index: number): string {
  const name = graph.stages[index]?.name;
  return name === undefined ? `stage ${index}` : `stage "${name}"`;
}
