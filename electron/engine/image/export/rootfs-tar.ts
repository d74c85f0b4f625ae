import { createReadStream } from 'node:fs';
import type { WorkerPool } from '../../base/worker-pool.ts';
import { writeLayer } from '../../layer/write-layer.ts';
import type { Store } from '../../store/store.ts';
import { readImage } from '../read-image.ts';
import { viewLayers } from '../view-image.ts';
import { isSpecialFile, whole, writeTo, type Destination, type ExportOptions } from './destination.ts';
import { flatten } from './flatten.ts';
import type { ExportImage } from './portable-image.ts';

/**
 * Writes an image's files as one plain tar, the layers merged: what a container made from it would see. Names, owners,
 * modes with setuid, links, device nodes and extended attributes are kept. Equal images give equal bytes.
 * Fails as {@link exportOciArchive}.
 */
export async function exportRootfsTar(
  store: Store,
  pool: WorkerPool,
  image: Pick<ExportImage, 'digest' | 'platform'>,
  destination: Destination,
  options: ExportOptions = {},
): Promise<{ readonly size: number }> {
  const { signal, onProgress } = options;
  using lease = store.lease('export');
  const { layers } = await readImage(store, image.digest, image.platform);
  lease.add(image.digest, ...layers.flatMap((layer) => [layer.blob.digest, layer.diffId]));
  const entries = await flatten(await viewLayers(store, layers, 'the image'));
  const write = async (path: string): Promise<{ readonly size: number }> => {
    const { size } = await writeLayer(pool, { entries, path }, signal);
    onProgress?.(size, size);
    return { size };
  };
  if (typeof destination === 'string' && !(await isSpecialFile(destination)))
    return whole(destination, write);
  const path = store.blobs.ingestPath();
  try {
    const { size } = await writeLayer(pool, { entries, path }, signal);
    const chunks = createReadStream(path, { highWaterMark: 1024 * 1024 });
    return await writeTo(destination, chunks, { ...options, total: size });
  } finally {
    await store.blobs.discard(path);
  }
}
