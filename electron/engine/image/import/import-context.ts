import type { Digest } from '../../base/digest.ts';
import type { WorkerPool } from '../../base/worker-pool.ts';
import type { Lease, Store } from '../../store/store.ts';
import type { Descriptor, Platform } from '../oci.ts';

/** What one load shares. */
export interface ImportContext {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly lease: Lease;
  /** Which image of an index is wanted; else the host's. */
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An image whose every blob is in the store and verified, but which is not recorded yet. */
export interface VerifiedImage {
  readonly descriptor: Descriptor;
  readonly config: Digest;
  readonly createdAt: string | undefined;
  /** Full references that it is to have. */
  readonly references: readonly string[];
}
