import type { LayerPlanEntry } from '../layer/toc.ts';
import type { OperationContext } from './operation.ts';

/** Where a layer's tar holds the bytes of a file. */
interface Range {
  readonly offset: number;
  readonly size: number;
}

/**
 * Lets the plan take files from the layer that the step made last, where that holds the same bytes: one large file is read
 * much faster than thousands of small ones. What changed so shortly before it was read that its digest may be wrong is left
 * as it is. The layer that comes of it is the same, for
 * the bytes are compared; without an earlier one, or if that cannot be read, so is the plan.
 */
export async function reuseLayer(
  plan: readonly LayerPlanEntry[],
  { store, lease, earlier }: Pick<OperationContext, 'store' | 'lease' | 'earlier'>,
): Promise<readonly LayerPlanEntry[]> {
  const diffId = earlier?.();
  if (diffId === undefined) return plan;
  lease.add(diffId);
  const layer = store.layers.get(diffId);
  // Of compressed layers, which were not made here, there is no tar to read.
  if (layer?.blob.digest !== diffId || !store.blobs.has(diffId)) return plan;
  const toc = await store.layers.toc(diffId).catch(() => []);
  const ranges = new Map<string, Range>();
  for (const { type, digest, offset, size } of toc) {
    if (type === 'file' && digest !== undefined && offset !== undefined) ranges.set(digest, { offset, size });
  }
  const path = store.blobs.path(diffId);
  return plan.map((entry) => {
    const { source, digest, size } = entry;
    if (source?.kind !== 'host' || source.recent === true || digest === undefined) return entry;
    const range = ranges.get(digest);
    return range?.size === size
      ? { ...entry, source: { kind: 'blob', path, ...range, compare: true } }
      : entry;
  });
}
