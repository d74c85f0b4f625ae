import type { BuildGraph, GraphStage } from '../graph/build-graph.ts';
import { commitImage } from '../image/commit-image.ts';
import { setLabels } from '../image/config.ts';
import { historyEntry } from '../image/history.ts';
import type { Descriptor, HistoryEntry } from '../image/oci.ts';
import type { Digest } from '../base/digest.ts';
import type { Solution } from '../solver/solve.ts';
import { cacheKey } from '../solver/cache-key.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Store } from '../store/store.ts';

/**
 * Makes the image of the graph's target: its config with `labels` merged in last, and a history in which each step stands
 * with its layer. Two builds that solve alike commit the same bytes: times come from the layers, and for an image without
 * new layers from the first time it was made.
 */
export async function commitStage(
  graph: BuildGraph,
  solution: Solution,
  options: {
    readonly store: Store;
    readonly labels: Readonly<Record<string, string>>;
    readonly now: () => Date;
  },
): Promise<{ descriptor: Descriptor; configDigest: Digest; createdAt: string | undefined; size: number }> {
  const { store, labels } = options;
  const stage = graph.target;
  const pairs = Object.entries(labels).map(([key, value]) => ({ key, value }));
  const config = {
    ...stage.platform,
    ...(stage.author === undefined ? {} : { author: stage.author }),
    config: pairs.length > 0 ? setLabels(stage.config, pairs) : stage.config,
  };
  const history = stageHistory(stage, solution);
  const createdAt = firstMade(
    canonicalJson({ config, history, layers: solution.target.map((layer) => layer.diffId) }),
    options,
  );
  const committed = await commitImage(store, { config, layers: solution.target, history, createdAt });
  return { ...committed, size: solution.target.reduce((sum, layer) => sum + layer.blob.size, 0) };
}

function stageHistory(stage: GraphStage, solution: Solution): readonly HistoryEntry[] {
  return stage.history.map((planned) => {
    switch (planned.kind) {
      case 'inherited':
        return planned.entry;
      case 'metadata':
        return historyEntry(planned.createdBy, false);
      case 'step':
        return historyEntry(planned.createdBy, solution.layers.get(planned.step) !== undefined);
    }
  });
}

/** When an image with exactly this content was first committed here; now, if never. Kept as a cache record. */
function firstMade(
  content: string,
  { store, now }: { readonly store: Store; readonly now: () => Date },
): string {
  const parts = [{ kind: 'operation', name: 'the image', value: content }] as const;
  const key = cacheKey(parts);
  const known = store.cache.get(key);
  if (known) return known.createdAt;
  const createdAt = now().toISOString();
  store.cache.put({ key, step: 'image', parts: [], createdAt });
  return createdAt;
}
