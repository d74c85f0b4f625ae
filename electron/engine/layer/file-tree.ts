/**
 * What COPY, ADD and bind mounts read from: a tree of entries with metadata and a way to the bytes. The build context and
 * the merged view of a layer stack are both file trees; nothing here touches the host's file system.
 */

export type EntryType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

export interface TreeEntry {
  /** Relative to the root, `/`-separated, no leading or trailing slash; `''` is the root. Text as in base/byte-path.ts. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for everything but files. */
  readonly size: number;
  /** Whole seconds since 1970, as a layer stores it. */
  readonly mtime: number;
  /** Target of a symbolic link, as written. */
  readonly linkname?: string;
  /** Equal for names of one and the same file (hard links) within this tree. */
  readonly inode?: string;
  /** Extended attributes; values are bytes as latin1 text. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Major and minor number of a device node. */
  readonly device?: readonly [number, number];
}

/** Where the bytes of a regular file are. Plain data: it is sent to worker threads. */
export type ContentSource =
  | {
      readonly kind: 'host';
      /** Absolute path on the host, text as in base/byte-path.ts. Opened with O_NOFOLLOW. */
      readonly path: string;
      /** What fstat must still say when the bytes are read; otherwise the file changed meanwhile. */
      readonly stamp: FileStamp;
      /**
       * The file changed so shortly before it was hashed that a further change may not show in its stamp: whoever reads
       * it again must compare the digest too.
       */
      readonly recent?: true;
    }
  | { readonly kind: 'blob'; readonly path: string; readonly offset: number; readonly size: number }
  | { readonly kind: 'bytes'; readonly data: Uint8Array };

/** Identity of a file's state: the stat cache's key (device, inode, size, mtime, ctime); times in milliseconds with fraction. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

export interface FileTree {
  /** For messages: `the build context`, `stage "builder"`. */
  readonly label: string;
  /** The entry at exactly this path; links are not followed. */
  get(path: string): TreeEntry | undefined;
  /** Entries directly below a directory, sorted by path; empty where there is none. */
  children(path: string): readonly TreeEntry[];
  /** SHA-256 of each file's bytes as 64 hex digits, in the order asked. Fails with CONTEXT_FILE_CHANGED if a file changed meanwhile. */
  digests(files: readonly TreeEntry[], signal?: AbortSignal): Promise<readonly string[]>;
  /** Where the bytes of this regular file are. */
  content(file: TreeEntry): ContentSource;
}
