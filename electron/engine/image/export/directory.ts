import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { WorkerPool } from '../../base/worker-pool.ts';
import type { Store } from '../../store/store.ts';
import { readImage } from '../read-image.ts';
import { viewLayers } from '../view-image.ts';
import type { ExportOptions } from './destination.ts';
import { flatten } from './flatten.ts';
import type { ExportImage } from './portable-image.ts';
import type { WrittenDirectory } from './write-directory.ts';

/**
 * Writes an image's files into a directory, which is made if it is missing and merged into if it is not: files and links
 * that are in the way are replaced, other files stay. Nothing is ever written outside of it, whatever links the image or the
 * directory holds. Modes and times are kept; owners, and setuid bits with them, only as root; extended attributes never.
 * `skipped` names what cannot be made (device nodes, fifos), at most 100. Fails with EXPORT_BLOCKED where a directory that
 * is not empty stands in a file's place, as {@link readImage} does, or with an AbortError; what was written stays then.
 */
export async function exportDirectory(
  store: Store,
  pool: WorkerPool,
  image: Pick<ExportImage, 'digest' | 'platform'>,
  destination: string,
  options: ExportOptions = {},
): Promise<WrittenDirectory> {
  using lease = store.lease('export');
  const { layers } = await readImage(store, image.digest, image.platform);
  lease.add(image.digest, ...layers.flatMap((layer) => [layer.blob.digest, layer.diffId]));
  const entries = await flatten(await viewLayers(store, layers, 'the image'));
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  await mkdir(destination, { recursive: true });
  return pool.run<WrittenDirectory>(
    'image.writeDirectory',
    { entries, root: resolve(destination) },
    {
      signal: options.signal,
      onProgress: (written) => options.onProgress?.(written as number, total),
    },
  );
}
