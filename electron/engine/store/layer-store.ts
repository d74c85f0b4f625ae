import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { Layer } from '../layer/layer.ts';
import type { TocEntry } from '../layer/toc.ts';
import type { InnerContentStore } from './content-store.ts';
import type { StoreContext } from './context.ts';
import { fileSize, READ, withFile, writeFileDurably } from './durable-fs.ts';
import { findLayer, recordLayer } from './layer-records.ts';
import { hold, settle } from './leases.ts';
import { guarded } from './store-error.ts';
import type { LayerStore } from './store.ts';
import { createTocCache } from './toc-cache.ts';
import { decodeTocFile, encodeTocFile } from './toc-file.ts';

/**
 * Unpacks a compressed layer blob to `outPath` (a fresh file of the store's) and answers what it wrote. Given to
 * `openStore`, because the store knows nothing of worker threads.
 */
export type Inflate = (
  blobPath: string,
  mediaType: string,
  outPath: string,
) => Promise<{ readonly digest: Digest; readonly size: number }>;

/**
 * The layer store. `get` answers only layers whose blob and table of contents are there, so that a damaged layer looks like
 * one that was never made and is made again. A layer put twice keeps its first record (its creation time goes into images).
 */
export function createLayerStore(
  context: StoreContext,
  blobs: InnerContentStore,
  inflate: Inflate | undefined,
): LayerStore {
  const { layout, fs, db } = context;
  const { root } = layout;
  const cache = createTocCache();
  const inflating = new Map<Digest, Promise<string>>();

  function get(diffId: Digest): Layer | undefined {
    const layer = findLayer(db, diffId);
    const whole =
      layer !== undefined &&
      blobs.hasSized(layer.blob.digest, layer.blob.size) &&
      fileSize(fs, layout.toc(diffId)) !== undefined;
    return whole ? layer : undefined;
  }

  async function readToc(diffId: Digest): Promise<readonly TocEntry[]> {
    const path = layout.toc(diffId);
    const entries = await withFile(fs, path, READ, async (file) => {
      const { size } = await file.stat();
      const data = Buffer.allocUnsafe(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await file.read(data, filled, size - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return decodeTocFile(data.subarray(0, filled), diffId);
    });
    if (entries !== undefined) return entries;
    // Without the file the layer counts as missing and the step that made it runs again.
    if (!db.readonly) await fs.unlink(path);
    throw missing(diffId, 'has a damaged table of contents');
  }

  async function unpack(layer: Layer): Promise<string> {
    if (inflate === undefined) throw new Error('This store was opened without a way to unpack layers.');
    const { diffId, blob } = layer;
    const out = context.temporaryPath();
    try {
      const written = await inflate(blobs.path(blob.digest), blob.mediaType, out);
      if (written.digest !== diffId) {
        throw new EngineError('LAYER_CORRUPT', `Layer ${diffId} unpacks to ${written.digest}.`, {
          hint: 'Load or pull the image again.',
        });
      }
      await blobs.commit(out, diffId, written.size);
    } catch (error) {
      await blobs.discard(out);
      throw error;
    }
    // From here on whatever keeps the layer keeps its unpacked form.
    db.relaxed(() => settle(context, [diffId]));
    return blobs.path(diffId);
  }

  return {
    get,
    put: (layer, toc) =>
      guarded(root, async () => {
        if (!blobs.hasSized(layer.blob.digest, layer.blob.size)) {
          throw missing(layer.diffId, 'cannot be recorded before its blob is in the store');
        }
        if (get(layer.diffId) !== undefined) return;
        // A table without its record, as a crash leaves it, is garbage: until the record is there it needs a keeper.
        hold(context, layer.diffId);
        const parts = encodeTocFile(layer, toc);
        await writeFileDurably(fs, layout.toc(layer.diffId), context.temporaryPath(), parts);
        db.relaxed(() => recordLayer(db, layer));
        if (typeof toc !== 'string') cache.set(layer.diffId, Promise.resolve(toc), toc.length);
      }),
    toc: (diffId) =>
      guarded(root, async () => {
        if (get(diffId) === undefined) throw missing(diffId, 'is not in the store');
        return cache.get(diffId) ?? cache.load(diffId, () => readToc(diffId));
      }),
    uncompressedPath: (diffId) =>
      guarded(root, async () => {
        if (blobs.has(diffId)) return blobs.path(diffId);
        const layer = findLayer(db, diffId);
        if (layer === undefined || !blobs.hasSized(layer.blob.digest, layer.blob.size)) {
          throw missing(diffId, 'is not in the store');
        }
        const running = inflating.get(diffId) ?? unpack(layer).finally(() => inflating.delete(diffId));
        inflating.set(diffId, running);
        return running;
      }),
  };
}

function missing(diffId: Digest, says: string): EngineError {
  return new EngineError('LAYER_MISSING', `Layer ${diffId} ${says}.`, {
    hint: 'Build the image again, or load or pull it again.',
  });
}
