import type { Digest } from '../base/digest.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { BuildOutput } from './build-request.ts';
import { exportDirectory } from '../image/export/directory.ts';
import { exportDockerArchive, exportOciArchive } from '../image/export/image-archive.ts';
import { exportRootfsTar } from '../image/export/rootfs-tar.ts';
import type { Store } from '../store/store.ts';

/** Writes the image to every output asked for, one after the other. Fails as the exporters do. */
export async function writeOutputs(
  outputs: readonly BuildOutput[],
  digest: Digest,
  options: {
    readonly store: Store;
    readonly pool: WorkerPool;
    readonly references: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  for (const output of outputs) await writeOutput(output, digest, options);
}

/** Writes the image to one output; answers the bytes written. */
export async function writeOutput(
  { type, destination }: BuildOutput,
  digest: Digest,
  { store, pool, references, signal }: Parameters<typeof writeOutputs>[2],
): Promise<{ readonly size: number }> {
  const to = destination === '-' ? process.stdout : destination;
  const image = { digest, references };
  switch (type) {
    case 'oci':
      return exportOciArchive(store, [image], to, { signal });
    case 'docker':
      return exportDockerArchive(store, [image], to, { signal });
    case 'tar':
      return exportRootfsTar(store, pool, image, to, { signal });
    case 'local': {
      const { bytes } = await exportDirectory(store, pool, image, destination, { signal });
      return { size: bytes };
    }
  }
}
