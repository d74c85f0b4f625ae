import type { BuildEventBody } from '../../../shared/build-events.ts';
import type { SourceRange } from '../../../shared/source-range.ts';
import type { Digest } from '../base/digest.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { Executor } from '../executor/executor.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { Layer, LayerStack } from '../layer/layer.ts';
import type { KeyPart, Lease, Store } from '../store/store.ts';
import type { TreeReference } from './definition.ts';
import type { RunResources } from './run-resources.ts';

export type RootFs = LayerStack;

/** What an operation gets besides its definition. */
export interface OperationContext {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly executor: Executor;
  /** Keeps what the build makes until it is tagged. */
  readonly lease: Lease;
  /** What the step builds on. */
  readonly base: RootFs;
  /** The tree a COPY or mount reads from. */
  tree(reference: TreeReference): Promise<FileTree>;
  /** The layers of such a tree; undefined where it is a folder of this machine. */
  layers(reference: TreeReference): LayerStack | undefined;
  readonly resources: RunResources;
  /** Whether .dockerignore hides this path of the context, or of a folder beside it; for messages only. */
  isIgnored(from: TreeReference, path: string): boolean;
  readonly now: () => Date;
  readonly build: {
    readonly id: string;
    /** Names the project across builds. */
    readonly project: string;
  };
  readonly step: {
    readonly id: string;
    readonly name: string;
    readonly file: string;
    readonly range: SourceRange;
  };
  emit(event: BuildEventBody): void;
  /** Where the build's log is far behind its events, a promise of when it has caught up; output waits for it. */
  drained(): Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/**
 * A step ready to be looked up: the typed parts of its cache key, and the work itself, which is done only on a miss.
 * `run` answers the layer it made, already in the store, or undefined where nothing changed.
 */
export interface PreparedOperation {
  readonly parts: readonly KeyPart[];
  /** What its `files` parts stand for, in their order; kept in the store on a miss. */
  readonly inputs: readonly OperationInput[];
  run(): Promise<Layer | undefined>;
}

/** Files that an operation reads. */
export interface OperationInput {
  readonly digest: Digest;
  /** Lines of copy-key.ts. */
  readonly lines: string;
  readonly from: TreeReference;
  readonly tree: FileTree;
  /** Folders of the tree that the names in the lines are below, or files that were asked for were. */
  readonly roots: readonly string[];
}

/** Digest of a stack's contents, whatever way it came about: part of the key of every step that builds on it. */
export function contentChain(layers: readonly Layer[]): string {
  return layers.map((layer) => layer.contentDigest satisfies Digest).join(' ');
}
