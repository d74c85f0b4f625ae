import type { StoreDatabase } from './database.ts';
import type { StoreFs } from './durable-fs.ts';
import type { StoreLayout } from './layout.ts';

/** What the parts of one open store share. */
export interface StoreContext {
  readonly layout: StoreLayout;
  readonly fs: StoreFs;
  readonly db: StoreDatabase;
  /** Closed last; see open-lock.ts. */
  readonly presence: { close(): void };
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** This open store, as in owner.ts; also the id of the lease that holds fresh blobs. */
  readonly owner: string;
  /** A fresh file name in `ingest/` that the sweep leaves alone while this process lives. */
  temporaryPath(): string;
}
