import type { WorkerPool } from './base/worker-pool.ts';
import { indexLayer } from './layer/index-layer.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

/** Opens the store with this engine's workers for unpacking compressed layers. Fails as openStore does. */
export function openEngineStore(root: string, pool: WorkerPool, now: () => Date): Promise<Store> {
  return openStore({
    root,
    clock: () => now().getTime(),
    async inflate(blobPath, _mediaType, outPath) {
      const { diffId, size } = await indexLayer(pool, { path: blobPath, tarPath: outPath });
      return { digest: diffId, size };
    },
  });
}
