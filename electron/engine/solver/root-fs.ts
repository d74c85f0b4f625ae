import { mergedView, type MergedView } from '../layer/merged-view.ts';
import type { Layer } from '../layer/layer.ts';
import type { RootFs } from '../ops/operation.ts';
import type { Store } from '../store/store.ts';

/** A root filesystem of the given layers. Its view reads each table of contents once, and only when asked for. */
export function rootFs(
  layers: readonly Layer[],
  label: string,
  store: Store,
  below?: RootFsWithView,
): RootFsWithView {
  let view: Promise<MergedView> | undefined;
  return {
    layers,
    view: () => (view ??= makeView(layers, label, store, below)),
  };
}

export interface RootFsWithView extends RootFs {
  view(): Promise<MergedView>;
}

/** Builds on the view of the stack below where there is one, so that a chain of steps does not read the same layers again. */
async function makeView(
  layers: readonly Layer[],
  label: string,
  store: Store,
  below: RootFsWithView | undefined,
): Promise<MergedView> {
  const start = below ? below.layers.length : 0;
  let view = below ? await below.view() : mergedView([], label);
  for (const layer of layers.slice(start)) {
    const [toc, blobPath] = await Promise.all([
      store.layers.toc(layer.diffId),
      store.layers.uncompressedPath(layer.diffId),
    ]);
    view = view.extend({ diffId: layer.diffId, toc, blobPath });
  }
  return view;
}
