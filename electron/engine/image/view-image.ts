import type { Layer } from '../layer/layer.ts';
import { mergedView, type MergedView } from '../layer/merged-view.ts';
import type { Store } from '../store/store.ts';

/**
 * The files of a stack of layers, bottom first, as one tree; `label` names it in messages. Compressed layers are unpacked
 * in the store first. Fails with LAYER_MISSING, or as the store does.
 */
export async function viewLayers(store: Store, layers: readonly Layer[], label: string): Promise<MergedView> {
  const parts = [];
  for (const { diffId } of layers) {
    const blobPath = await store.layers.uncompressedPath(diffId);
    parts.push({ diffId, toc: await store.layers.toc(diffId), blobPath });
  }
  return mergedView(parts, label);
}
