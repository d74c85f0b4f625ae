import type { Digest } from '../base/digest.ts';
import type { BuildEvent, BuildSummary } from '../../../shared/build-events.ts';
import type { PruneReport, StorageUsage } from '../../../shared/storage.ts';
import type { Descriptor } from '../image/oci.ts';
import type { Layer } from '../layer/layer.ts';
import type { TocEntry } from '../layer/toc.ts';

/** The store's door: what the engine may ask of the directory that holds everything. `openStore` in open-store.ts makes one. */
export interface Store {
  /** Absolute path of the store's directory. */
  readonly root: string;
  readonly blobs: ContentStore;
  readonly layers: LayerStore;
  readonly references: ReferenceStore;
  readonly images: ImageStore;
  readonly cache: CacheStore;
  readonly solved: SolvedStore;
  readonly builds: BuildStore;
  readonly cacheMounts: CacheMountStore;
  readonly kept: KeptStore;
  /** Names in `snapshots/` of layers unpacked for RUN. Whoever uses one has a lease on its layer first, which keeps it. */
  readonly snapshots: { touch(names: readonly string[]): void };
  readonly space: SpaceStore;
  /** Keeps blobs from being collected until released; dies with the process that took it. */
  lease(purpose: string): Lease;
  /** Closes the database. Idempotent. */
  close(): void;
}

export interface Lease extends Disposable {
  readonly id: string;
  /** From now on these blobs are kept, whether they exist yet or not. */
  add(...digests: readonly Digest[]): void;
  release(): void;
}

/** Blobs by digest, in OCI image layout form. */
export interface ContentStore {
  has(digest: Digest): boolean;
  /** Bytes of the blob; undefined where there is none. */
  size(digest: Digest): number | undefined;
  /** Where the blob lies. Callers only read. */
  path(digest: Digest): string;
  /** A fresh file name in `ingest/` for somebody else (a worker) to write; hand it to {@link commit}, or discard it. */
  ingestPath(): string;
  /**
   * Makes a written ingest file the blob `digest`: fsync, rename, fsync of the directory. The caller has hashed what it
   * wrote; size is checked here. If the blob is there already the ingest file is dropped. The file at `path` is gone afterwards.
   */
  commit(path: string, digest: Digest, size: number): Promise<void>;
  discard(path: string): Promise<void>;
  /** Writes a small blob (manifest, config) by the same protocol and answers its digest. */
  put(data: Uint8Array | string): Promise<Digest>;
  /**
   * Streams in from outside: hashed while written, refused with BLOB_DIGEST_MISMATCH or BLOB_SIZE_MISMATCH before it is
   * visible; never more than `expected.size` bytes are read. Without `expected` whatever comes is stored.
   */
  putStream(
    source: AsyncIterable<Uint8Array>,
    expected?: { readonly digest?: Digest; readonly size?: number },
    signal?: AbortSignal,
  ): Promise<{ digest: Digest; size: number }>;
  /** The whole blob, verified against its digest; BLOB_TOO_LARGE above `limit` bytes (default 4 MiB), BLOB_MISSING, BLOB_CORRUPT. */
  read(digest: Digest, limit?: number): Promise<Buffer>;
  /** Streams a blob, verifying it: fails with BLOB_CORRUPT at the end if it is not what its name says. */
  stream(digest: Digest): AsyncIterable<Buffer>;
}

export interface LayerStore {
  get(diffId: Digest): Layer | undefined;
  /**
   * Records a layer whose blob is in the content store, with its table of contents (written durably to toc/<hex>): as
   * entries, or, which costs the main thread far less, as the text a worker made of them (layer/toc-codec.ts).
   */
  put(layer: Layer, toc: readonly TocEntry[] | string): Promise<void>;
  /** The table of contents in tar order. Fails with LAYER_MISSING. Parsed tables are kept in a small memory cache. */
  toc(diffId: Digest): Promise<readonly TocEntry[]>;
  /**
   * A file that holds the layer's uncompressed tar, for reading at the table's offsets. A compressed layer is unpacked
   * into the blob of its diffID on first use (and verified).
   */
  uncompressedPath(diffId: Digest): Promise<string>;
}

export interface ReferenceStore {
  /** Full reference (`docker.io/library/app:latest`) → descriptor of a manifest. */
  get(reference: string): Descriptor | undefined;
  list(): readonly {
    readonly reference: string;
    readonly descriptor: Descriptor;
    readonly updatedAt: string;
  }[];
  /** Points all references at the manifest at once, durably, and rewrites index.json. Answers what each pointed at before. */
  set(references: readonly string[], descriptor: Descriptor): Promise<readonly (Descriptor | undefined)[]>;
  /** Removes references; those that are not there are ignored. Answers how many were. */
  remove(references: readonly string[]): Promise<number>;
}

/** Every image the store keeps, tagged or not. */
export interface ImageStore {
  list(): readonly StoredImage[];
  get(manifest: Digest): StoredImage | undefined;
  /** Records an image whose manifest, config and layers are in the store. Idempotent. */
  put(image: StoredImage): Promise<void>;
  /** Forgets an image, its references with it, and deletes the blobs that nothing else reaches. Answers bytes freed. */
  remove(manifest: Digest): Promise<{ freed: number }>;
}

export interface StoredImage {
  readonly descriptor: Descriptor;
  readonly config: Digest;
  readonly createdAt: string | undefined;
  /** When it came to this store. */
  readonly storedAt: string;
  /** The build that made it, where one did. */
  readonly buildId?: string;
  readonly origin: 'built' | 'loaded' | 'pulled';
}

/** A part of a cache key, kept so that a miss can be explained. `value` is canonical text; `kind` says what it stands for. */
export interface KeyPart {
  readonly kind: 'operation' | 'base' | 'files' | 'stage' | 'environment' | 'platform';
  /** What a person would call it: `COPY . /app`, `files of the build context`, `ARG VERSION`. */
  readonly name: string;
  readonly value: string;
}

export interface CacheRecord {
  /** Digest of the parts' kinds and values. */
  readonly key: Digest;
  /** Which step this is across builds, for finding the nearest earlier record: project folder, stage and instruction position. */
  readonly step: string;
  readonly parts: readonly KeyPart[];
  /** The layer it made; absent where the step changes no file. */
  readonly layer?: Digest;
  /** Anything else the operation wants to find again, as JSON. */
  readonly result?: string;
  readonly createdAt: string;
}

export interface CacheStore {
  get(key: Digest): CacheRecord | undefined;
  /** The records with these keys, whatever became of their layers; for explaining misses. */
  find(keys: readonly Digest[]): readonly CacheRecord[];
  put(record: CacheRecord): void;
  /** Forgets records, and writes down that clean-up did it; their layers become garbage, which is not collected here. */
  remove(keys: readonly Digest[]): void;
  /** When {@link remove} forgot the record, milliseconds since 1970; undefined where it did not, or long ago. */
  removedAt(key: Digest): number | undefined;
  /** Earlier records of the same step, newest first. */
  history(step: string, limit: number): readonly CacheRecord[];
  /** A canonical list (one line an entry) that a `files` part names by digest, kept for explaining misses. Idempotent. */
  putInputs(digest: Digest, lines: string): Promise<void>;
  getInputs(digest: Digest): Promise<string | undefined>;
  /** Marks as used now, for least-recently-used collection. May be batched. */
  touch(keys: readonly Digest[]): void;
}

/** What the latest builds of each project solved, as text that the solver understands; only for explaining misses. */
export interface SolvedStore {
  /** Newest first. */
  list(project: string): readonly string[];
  /** Keeps another build, and of the earlier ones only the latest. Nothing here waits for the disk. */
  put(project: string, build: string): void;
}

/** Folders that RUN --mount=type=cache keeps from build to build, and who may use each now. */
export interface CacheMountStore {
  /**
   * Takes the folder of this name (lower-case letters, digits, `-`), waiting while it is taken: `shared` with others who share it,
   * `locked` alone, `private` alone and never waiting, because another folder of the name serves as well. What is held is given up by
   * `release`, or by the end of the process. `make` is called, with the folder held alone, where it is new, where the process that made it
   * died meanwhile, or where `renew` says that it shall begin anew; it puts the content at `path`, which may be there.
   */
  take(name: string, options: TakeCacheMount, signal: AbortSignal): Promise<HeldCacheMount>;
  /** All there are, by name. */
  list(): readonly CacheMountRecord[];
  /** Removes one that nobody has; answers false where somebody has it, or took it after `usedAt`. */
  remove(name: string, usedAt: string | undefined): Promise<boolean>;
  /** Whether somebody has it now, maybe in another process. */
  isTaken(name: string): boolean;
}

export interface TakeCacheMount {
  readonly sharing: 'shared' | 'private' | 'locked';
  /** What the Dockerfile calls it, for {@link CacheMountStore.list}. */
  readonly id: string;
  readonly renew: boolean;
  readonly make: (path: string) => Promise<void>;
}

export interface HeldCacheMount {
  /** Where the content is. */
  readonly path: string;
  release(): void;
}

export interface CacheMountRecord {
  /** Its folder in `cache-mounts/`. */
  readonly name: string;
  readonly id: string;
  /** When a step took it last, ISO 8601. */
  readonly usedAt: string;
}

export interface BuildStore {
  /** Opens builds/<id>.jsonl for appending. */
  create(summary: BuildSummary): BuildLog;
  update(summary: BuildSummary): void;
  get(id: string): BuildSummary | undefined;
  /** Newest first. */
  list(filter?: { readonly folder?: string; readonly limit?: number }): readonly BuildSummary[];
  /** All events of a build in order, from the log. A torn last line is ignored. */
  events(id: string): AsyncIterable<BuildEvent>;
  remove(ids: readonly string[]): Promise<void>;
}

/** The file systems that failed steps left, so that somebody can look around in them. At most ten, the newest. */
export interface KeptStore {
  /** Takes over a directory on the store's file system (it is moved) as what is kept of a step, once for each. */
  put(kept: KeptFileSystem, directory: string): Promise<void>;
  /** Of one build or of all, those first that failed first. */
  list(buildId?: string): readonly (KeptFileSystem & { readonly path: string })[];
  /** Lets one user have it, who may change it; undefined where somebody, maybe in another process, has it. Nothing in use is removed. */
  use(buildId: string, step: string): { release(): void } | undefined;
  /** Removes what earlier builds of a project left. */
  removeProject(project: string): Promise<void>;
}

export interface KeptFileSystem {
  readonly buildId: string;
  readonly step: string;
  /** Names the project across builds. */
  readonly project: string;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
  /** diffIDs of the layers that it lies on, from the bottom up. */
  readonly layers: readonly Digest[];
  /** And of others that it needs. None of both is collected meanwhile. */
  readonly alsoReads: readonly Digest[];
  /** What else is needed to go on with it, as JSON. */
  readonly details: string;
}

/** What takes room, and what of it may go. See space/space-store.ts. */
export interface SpaceStore {
  usage(signal?: AbortSignal): Promise<StorageUsage>;
  prune(rules: PruneRules, options?: PruneOptions): Promise<PruneReport>;
  /**
   * Whether so many milliseconds went by since this last answered true, in any process; it is then written down as done now. The first
   * time in a store's life it is not.
   */
  isDue(every: number): boolean;
}

/** Each rule says what goes; what a reference, a lease or a running build needs stays whatever they say. Times are milliseconds since 1970. */
export interface PruneRules {
  /** Unused longest goes first, until the store takes no more bytes than this. */
  readonly maxSize?: number | undefined;
  /** Everything goes that was not used since; Infinity for everything that nobody uses now. */
  readonly unusedSince?: number | undefined;
  /** Records and logs of builds go, but for so many of each project. */
  readonly keepBuilds?: number | undefined;
  /** Images without a name go. */
  readonly untagged?: boolean | undefined;
  /** Nothing goes that was used since, whatever the other rules say. */
  readonly before?: number | undefined;
}

export interface PruneOptions {
  /** Only finds out what would go: what it answers is what a prune right after it frees. */
  readonly dryRun?: boolean | undefined;
  /** Stops between two removals; what is gone is gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface BuildLog {
  append(events: readonly BuildEvent[]): void;
  /** Undefined, or where the disk is far behind a promise that resolves, never failing, when it has caught up. */
  drained(): Promise<void> | undefined;
  close(): Promise<void>;
}
