import type { ContentSource } from './file-tree.ts';

/**
 * A layer's table of contents: what its tar holds, entry by entry, so that the merged view, COPY --from, the layer explorer
 * and the cache work without reading the tar again.
 */

export type LayerEntryType =
  | 'file'
  | 'dir'
  | 'symlink'
  | 'hardlink'
  | 'char'
  | 'block'
  | 'fifo'
  /** Hides `path` of the layers below (tar name `.wh.<name>`). */
  | 'whiteout'
  /** Hides everything the layers below have in directory `path` (tar name `.wh..wh..opq`). */
  | 'opaque';

export interface LayerEntry {
  /** Relative to the root, no leading or trailing slash; `''` is the root directory. Text as in base/byte-path.ts. */
  readonly path: string;
  readonly type: LayerEntryType;
  /** 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
  /** Bytes of a file; 0 otherwise. */
  readonly size: number;
  /** Target as written of a symlink; path inside the layer of a hardlink. */
  readonly linkname?: string;
  /** Values are bytes as latin1 text. */
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly device?: readonly [number, number];
}

/** An entry of a layer that exists. */
export interface TocEntry extends LayerEntry {
  /** Files: where their bytes start in the uncompressed tar. */
  readonly offset?: number;
  /** Files: SHA-256 of their bytes, 64 hex digits. */
  readonly digest?: string;
}

/** An entry of a layer to be written. */
export interface LayerPlanEntry extends LayerEntry {
  /** Files: where their bytes come from. */
  readonly source?: ContentSource;
  /** Files: the digest already known for those bytes. The writer stores it in the table of contents. */
  readonly digest?: string;
}
