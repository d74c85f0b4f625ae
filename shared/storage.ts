/** What takes room in a store, and what cleaning it up removes. All sizes are bytes of files' contents; a file with several names counts once. */

export const STORAGE_KINDS = [
  'images',
  'cache',
  'snapshots',
  'cacheMounts',
  'builds',
  'failedSteps',
  'fileLists',
  'other',
] as const;

/**
 * images: everything that images reach. cache: layers and other blobs that only the build cache, failed steps or work under way
 * reach. snapshots: layers unpacked for RUN. fileLists: what contexts held, for finding and explaining changes. other: the
 * database and unfinished work.
 */
export type StorageKind = (typeof STORAGE_KINDS)[number];

export interface StorageUse {
  readonly kind: StorageKind;
  readonly count: number;
  readonly bytes: number;
  /** What removing everything that nothing needs would free. */
  readonly reclaimable: number;
}

export interface StorageItem {
  readonly kind: StorageKind;
  /** A digest, or a name in the store. */
  readonly id: string;
  /** What a person would call it; may come from an image or a Dockerfile. */
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970; not known of everything. */
  readonly usedAt?: number;
  /** A build, a shell or another process needs it now. */
  readonly inUse: boolean;
}

export interface StorageUsage {
  readonly total: number;
  /** One of each kind, in the order of {@link STORAGE_KINDS}. */
  readonly kinds: readonly StorageUse[];
  /** Of the images: what only one of them has, and what several share. */
  readonly images: { readonly unique: number; readonly shared: number };
  /** Largest first. */
  readonly items: readonly StorageItem[];
}

export interface PruneReport {
  readonly freed: number;
  /** Kinds of which nothing went are left out. */
  readonly kinds: readonly { readonly kind: StorageKind; readonly count: number; readonly bytes: number }[];
  /** True where nothing was removed, only found out. */
  readonly dryRun: boolean;
}

/** What automatic clean-up keeps. */
export interface StoragePolicy {
  /** Bytes. */
  readonly maxSize: number;
  readonly keepDays: number;
  /** Of each project. */
  readonly keepBuilds: number;
}
