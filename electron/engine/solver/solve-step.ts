import type { Digest } from '../base/digest.ts';
import { EngineError, isAbort } from '../base/errors.ts';
import type { Layer } from '../layer/layer.ts';
import type { OperationDefinition } from '../ops/definition.ts';
import type { OperationContext, PreparedOperation } from '../ops/operation.ts';
import { prepareRun } from '../ops/run.ts';
import { prepareCopy } from '../ops/run-copy.ts';
import { prepareWorkdir } from '../ops/run-workdir.ts';
import { storeError } from '../store/store-error.ts';
import type { CacheRecord, Store } from '../store/store.ts';
import { cacheKey } from './cache-key.ts';

/** What a step came to: the layer it adds, if any, and whether it was found rather than made. */
export interface StepOutcome {
  readonly layer: Layer | undefined;
  readonly cached: boolean;
}

/** What the solver wants to hear and to decide while a step is solved. */
export interface StepHooks {
  /** Nothing is looked up; results are still recorded. */
  readonly ignoreCache: boolean;
  /** Called as soon as the key is known. */
  onKey(key: Digest, prepared: PreparedOperation): void;
  /** Called when nothing was found, before the operation runs; the step ends no sooner than this does. Must not fail. */
  onMiss(key: Digest, prepared: PreparedOperation): Promise<void>;
}

/**
 * Solves one step: key, probe, and on a miss the operation. What is made is recorded with the key's typed parts. A step
 * that ran again and made a layer of equal content keeps the earlier layer (early cut-off), so that nothing after it is
 * disturbed and the image keeps its digest.
 *
 * `identity` names the step across builds.
 * Fails as the operation does, with the instruction's place unless it is the store that failed.
 */
export async function solveStep(
  definition: Exclude<OperationDefinition, { op: 'image' }>,
  identity: string,
  context: OperationContext,
  hooks: StepHooks,
): Promise<StepOutcome> {
  try {
    return await solve(definition, identity, context, hooks);
  } catch (error) {
    const { store, step } = context;
    const { path } = error as NodeJS.ErrnoException;
    if (path?.startsWith(`${store.root}/`)) throw storeError(store.root, error);
    const isOfTheStep = error instanceof EngineError && !isAbort(error) && !error.code.startsWith('STORE_');
    throw isOfTheStep ? error.at(step.file, step.range) : error;
  }
}

async function solve(
  definition: Exclude<OperationDefinition, { op: 'image' }>,
  identity: string,
  context: OperationContext,
  hooks: StepHooks,
): Promise<StepOutcome> {
  const { store } = context;
  const prepared = await prepare(definition, context);
  const key = cacheKey(prepared.parts);
  hooks.onKey(key, prepared);
  if (!hooks.ignoreCache) {
    const record = store.cache.get(key);
    const found = record && foundLayer(record, store, context);
    if (found) {
      store.cache.touch([key]);
      return { layer: found.layer, cached: true };
    }
  }
  const explaining = hooks.onMiss(key, prepared);
  const made = await operate(prepared, store).finally(() => explaining);
  const layer = made && earlierEqual(made, key, identity, context);
  store.cache.put({
    key,
    step: identity,
    parts: prepared.parts,
    ...(layer === undefined ? {} : { layer: layer.diffId }),
    createdAt: context.now().toISOString(),
  });
  return { layer, cached: false };
}

async function operate(prepared: PreparedOperation, store: Store): Promise<Layer | undefined> {
  for (const { digest, lines } of prepared.inputs) await store.cache.putInputs(digest, lines);
  return prepared.run();
}

/** A step's operation, ready to be looked up; nothing is done yet. Fails as the operation's own file says. */
export function prepare(
  definition: Exclude<OperationDefinition, { op: 'image' }>,
  context: OperationContext,
): Promise<PreparedOperation> {
  switch (definition.op) {
    case 'copy':
    case 'add':
      return prepareCopy(definition, context);
    case 'workdir':
      return prepareWorkdir(definition, context);
    case 'run':
      return prepareRun(definition, context);
  }
}

/** The record's layer, if the store still has it; leased first, so that nobody collects it between the look and the use. */
export function foundLayer(
  record: CacheRecord,
  store: Store,
  { lease }: Pick<OperationContext, 'lease'>,
): { layer: Layer | undefined } | undefined {
  if (record.layer === undefined) return { layer: undefined };
  lease.add(record.layer);
  const layer = store.layers.get(record.layer);
  if (!layer) return undefined;
  lease.add(layer.blob.digest);
  return store.blobs.has(layer.blob.digest) ? { layer } : undefined;
}

/** Leased before it is looked at, as above. */
function earlierEqual(
  made: Layer,
  key: CacheRecord['key'],
  identity: string,
  { store, lease }: OperationContext,
): Layer {
  const candidates = [store.cache.get(key), ...store.cache.history(identity, 1)];
  for (const record of candidates) {
    const earlier = record?.layer === undefined ? undefined : store.layers.get(record.layer);
    if (record === undefined || earlier?.contentDigest !== made.contentDigest) continue;
    const found = foundLayer(record, store, { lease })?.layer;
    if (found) return found;
  }
  return made;
}
