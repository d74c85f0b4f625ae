import { MEDIA_TYPE } from '../image/oci.ts';
import type { Layer } from '../layer/layer.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { writeLayer } from '../layer/write-layer.ts';
import type { OperationContext } from './operation.ts';

/** Writes the planned entries as a layer and puts it in the store; undefined, and nothing written, where the plan is empty. */
export async function storeLayer(
  plan: readonly LayerPlanEntry[],
  createdAt: Date,
  context: Pick<OperationContext, 'store' | 'pool' | 'lease' | 'signal'>,
): Promise<Layer | undefined> {
  if (plan.length === 0) return undefined;
  const { store, pool, lease, signal } = context;
  const path = store.blobs.ingestPath();
  try {
    const written = await writeLayer(pool, { entries: plan, path }, signal);
    const { diffId } = written;
    lease.add(diffId);
    await store.blobs.commit(path, diffId, written.size);
    const layer: Layer = {
      diffId,
      contentDigest: written.contentDigest,
      blob: { digest: diffId, size: written.size, mediaType: MEDIA_TYPE.layer },
      size: written.size,
      createdAt: createdAt.toISOString(),
    };
    await store.layers.put(layer, written.toc);
    return store.layers.get(diffId) ?? layer;
  } catch (error) {
    await store.blobs.discard(path);
    throw error;
  }
}
