import type { Digest } from '../base/digest.ts';
import type { FileTree } from './file-tree.ts';

/** One layer as the store knows it. Immutable. */
export interface Layer {
  /** Digest of the uncompressed tar. */
  readonly diffId: Digest;
  /** Digest of the table of contents with mtimes left out: equal for layers that hold the same files. */
  readonly contentDigest: Digest;
  /** The blob as the manifest names it; for layers built here it is the uncompressed tar, so `blob.digest === diffId`. */
  readonly blob: { readonly digest: Digest; readonly size: number; readonly mediaType: string };
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** When the step that made it ran, ISO 8601; goes into the history of images, so that a rebuild has the same digest. */
  readonly createdAt: string;
}

/** A root filesystem: layers from the bottom up, and the view of them all, made when first asked for. */
export interface LayerStack {
  readonly layers: readonly Layer[];
  view(): Promise<FileTree>;
}
