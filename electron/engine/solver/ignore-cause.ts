import type { MissCause } from '../../../shared/miss-reason.ts';
import type { BuildGraph, GraphStep } from '../graph/build-graph.ts';

export interface IgnoredCache {
  readonly noCache: boolean;
  /** In lower case. */
  readonly noCacheFilter: ReadonlySet<string>;
}

/**
 * Why a step runs whatever is in the cache; undefined where it is looked up. By BuildKit's rules these are RUN, COPY and ADD, of all
 * stages or of those named, never WORKDIR; a stage without a name cannot be named.
 */
export function ignoreCause(
  { definition, stage }: Pick<GraphStep, 'definition' | 'stage'>,
  graph: BuildGraph,
  { noCache, noCacheFilter }: IgnoredCache,
): MissCause | undefined {
  if (definition.op === 'workdir' || definition.op === 'image') return undefined;
  if (noCache) return { kind: 'no-cache' };
  const { name } = graph.stages[stage]!;
  return name !== undefined && noCacheFilter.has(name) ? { kind: 'no-cache-filter', stage: name } : undefined;
}
