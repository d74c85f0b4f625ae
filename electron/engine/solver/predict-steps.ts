import type { MissReason } from '../../../shared/miss-reason.ts';
import type { PredictedStep } from '../../../shared/prediction.ts';
import { EngineError } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { Executor } from '../executor/executor.ts';
import type { GraphStep } from '../graph/build-graph.ts';
import type { OperationDefinition } from '../ops/definition.ts';
import type { OperationContext, PreparedOperation } from '../ops/operation.ts';
import type { RunResources } from '../ops/run-resources.ts';
import type { Lease } from '../store/store.ts';
import { cacheKey } from './cache-key.ts';
import { createExplainer, type ExplainerOptions } from './explainer.ts';
import { ignoreCause, type IgnoredCache } from './ignore-cause.ts';
import { keyDifferences, type ChainLink } from './key-differences.ts';
import { rootFs, type RootFsWithView } from './root-fs.ts';
import { secretTexts } from './secret-texts.ts';
import { foundLayer, prepare } from './solve-step.ts';
import { sourceTrees, stageName, type SourceTreeOptions } from './source-trees.ts';

export interface PredictOptions extends SourceTreeOptions, IgnoredCache {
  readonly pool: WorkerPool;
  readonly executor: Executor;
  /** Keeps what is looked at. */
  readonly lease: Lease;
  readonly isIgnored: OperationContext['isIgnored'];
  readonly project: string;
  readonly file: string;
  readonly ignore: ExplainerOptions['ignore'];
  readonly resources: RunResources;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

const NEW: MissReason = { cause: { kind: 'new' } };

export type StepPrediction = Pick<PredictedStep, 'state' | 'reason'>;

/**
 * Looks every step up as solve() would, and runs none: nothing is recorded. What a step that will run makes is not known, so that of
 * the steps after it only that is told which they do not owe to it. Fails as preparing a step does.
 */
export async function predictSteps(options: PredictOptions): Promise<ReadonlyMap<string, StepPrediction>> {
  const { graph, store, signal } = options;
  const predictions = new Map<string, StepPrediction>();
  const results = new Map<string, RootFsWithView>();
  const chains = new Map<string, readonly ChainLink[]>();
  const chainOf = (step: string | undefined): readonly ChainLink[] =>
    (step === undefined ? undefined : chains.get(step)) ?? [];
  const empty = rootFs([], 'an empty file system', store);
  // A step that is not solved stands on nothing; what is looked up of it does not count.
  const resultOf = (id: string | undefined): RootFsWithView =>
    id === undefined ? empty : (results.get(id) ?? empty);
  const trees = sourceTrees(options, resultOf);
  const explainer = createExplainer({ ...options, secrets: secretTexts(graph, options.resources), chainOf });

  const solved = (step: GraphStep, layers: RootFsWithView['layers'], chain: readonly ChainLink[]): void => {
    results.set(
      step.id,
      rootFs(layers, stageName(graph, step.stage), store, results.get(step.previous ?? '')),
    );
    chains.set(step.id, chain);
    explainer.settle(step.id, { state: 'hit' });
  };

  const depends = (on: string): StepPrediction => {
    const cause = explainer.fateOf(on)?.reason?.cause;
    const step = cause?.kind === 'earlier-step' ? cause.step : on;
    return { state: 'depends', reason: { cause: { kind: 'earlier-step', step, how: 'unknown' } } };
  };

  const predict = async (step: GraphStep): Promise<StepPrediction> => {
    const { definition, previous } = step;
    if (definition.op === 'image') {
      const { base } = graph.stages[step.stage]!;
      const layers = base?.kind === 'image' ? base.image.layers : [];
      solved(
        step,
        layers,
        layers.map(({ contentDigest }) => ({ content: contentDigest })),
      );
      return { state: 'hit' };
    }
    const ignored = ignoreCause(step, graph, options);
    if (ignored) return { state: 'miss', reason: { cause: ignored } };
    const source = stagesRead(definition)
      .map((stage) => graph.stages[stage]!.tip)
      .find((tip) => tip !== undefined && !results.has(tip));
    if (source !== undefined)
      return explainer.candidates(step.id).length > 0 ? depends(source) : { state: 'miss', reason: NEW };
    const prepared = await prepareAt(step);
    const needsBase = prepared.parts.some(({ kind }) => kind === 'base');
    if (needsBase && previous !== undefined && !results.has(previous))
      return withoutBase(step, prepared, previous);
    const key = cacheKey(prepared.parts);
    const record = store.cache.get(key);
    const found = record && foundLayer(record, store, options);
    if (!found) {
      const below = chainOf(previous);
      return { state: 'miss', reason: await explainer.explain({ step, key, prepared, below }, signal) };
    }
    // A step of its own, as with --link, may be a hit on top of one that will run.
    if (previous !== undefined && !results.has(previous)) return { state: 'hit' };
    const { layer } = found;
    const lower = resultOf(previous).layers;
    const chain = chainOf(previous);
    if (layer) solved(step, [...lower, layer], [...chain, { content: layer.contentDigest, step: step.id }]);
    else solved(step, lower, chain);
    return { state: 'hit' };
  };

  /** A miss whatever the step below makes, where no earlier record has the rest of the key. */
  const withoutBase = async (
    step: GraphStep,
    { parts, inputs }: PreparedOperation,
    previous: string,
  ): Promise<StepPrediction> => {
    const miss = {
      step,
      prepared: { parts: parts.filter(({ kind }) => kind !== 'base'), inputs },
      below: { unsolved: previous },
    };
    const now = explainer.missed(miss);
    const couldBeHit = explainer
      .candidates(step.id)
      .some((earlier) => keyDifferences(now, earlier).every(({ kind }) => kind === 'unsolved'));
    if (couldBeHit) return depends(previous);
    return { state: 'miss', reason: await explainer.explain(miss, signal) };
  };

  const prepareAt = async (step: GraphStep): Promise<PreparedOperation> => {
    try {
      return await prepare(step.definition as Exclude<OperationDefinition, { op: 'image' }>, {
        ...{ store, pool: options.pool, executor: options.executor, lease: options.lease },
        ...trees,
        ...{ resources: options.resources, isIgnored: options.isIgnored, now: options.now, signal },
        base: resultOf(step.previous),
        build: { id: '', project: options.project },
        step: { id: step.id, name: step.name, file: options.file, range: step.range },
        emit: () => undefined,
        drained: () => undefined,
      });
    } catch (error) {
      throw error instanceof EngineError ? error.at(options.file, step.range) : error;
    }
  };

  for (const step of graph.steps) {
    signal.throwIfAborted();
    const prediction = await predict(step);
    predictions.set(step.id, prediction);
    if (prediction.state !== 'hit' && prediction.reason)
      explainer.settle(step.id, { state: 'open', reason: prediction.reason });
  }
  return predictions;
}

function stagesRead(definition: OperationDefinition): readonly number[] {
  const from =
    definition.op === 'copy' || definition.op === 'add'
      ? [definition.from]
      : definition.op === 'run'
        ? (definition.mounts ?? []).flatMap((mount) => ('from' in mount && mount.from ? [mount.from] : []))
        : [];
  return from.flatMap((tree) => (tree.kind === 'stage' ? [tree.stage] : []));
}
