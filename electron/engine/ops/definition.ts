import type { Digest } from '../base/digest.ts';

/**
 * What a step does, fully expanded and with nothing left to look up in the Dockerfile: plain, canonical data, and as such
 * the first part of the step's cache key. One variant an operation; the file of the same name runs it.
 */

/** Where COPY and mounts read from. */
export type TreeReference =
  | { readonly kind: 'context' }
  /** The final state of an earlier stage of this build. */
  | { readonly kind: 'stage'; readonly stage: number }
  /** `request` names the image with its platform; see imageRequestKey. */
  | { readonly kind: 'image'; readonly reference: string; readonly request: string }
  /** A folder that a named build context stands for, by the context's key. */
  | { readonly kind: 'named'; readonly name: string };

export interface ImageDefinition {
  readonly op: 'image';
  readonly reference: string;
  readonly manifest: Digest;
}

export interface InlineFile {
  readonly name: string;
  readonly text: string;
}

export interface CopyDefinition {
  readonly op: 'copy' | 'add';
  readonly from: TreeReference;
  /** As written, variables expanded: a trailing `/` and `/./` mean something. May hold wildcards. */
  readonly sources: readonly string[];
  /** Heredocs. */
  readonly inline: readonly InlineFile[];
  /** Absolute; ends in `/` where it must be a directory. */
  readonly destination: string;
  /** `user[:group]`, names or numbers, expanded. */
  readonly chown?: string;
  /** Octal digits or symbolic, checked. */
  readonly chmod?: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  /** ADD: true/false force or forbid unpacking of archives; undefined looks at the content. */
  readonly unpack?: boolean;
}

export interface WorkdirDefinition {
  readonly op: 'workdir';
  /** Absolute, cleaned. */
  readonly path: string;
  /** USER in force, who owns what is created. */
  readonly user: string;
}

/** What a RUN sees at `target`, absolute and cleaned, besides the stage's own files; nothing of it is in the layer. */
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;

/** Files of the build context, a stage or an image; what is written to them is discarded. */
export interface BindMount {
  readonly type: 'bind';
  readonly target: string;
  readonly from: TreeReference;
  /** As written, variables expanded: a folder or a single file of the tree; empty for its root. */
  readonly source: string;
  readonly readonly: boolean;
}

/** A folder that stays from build to build. */
export interface CacheMount {
  readonly type: 'cache';
  readonly target: string;
  readonly id: string;
  readonly sharing: 'shared' | 'private' | 'locked';
  readonly readonly: boolean;
  /** What a new folder is a copy of; it is empty without. */
  readonly from?: TreeReference;
  /** The part of the folder that is seen; empty for all of it. */
  readonly source: string;
  /** Metadata of a new folder, where the instruction says so. */
  readonly owner?: { readonly mode: number; readonly uid: number; readonly gid: number };
}

export interface TmpfsMount {
  readonly type: 'tmpfs';
  readonly target: string;
  /** Bytes. */
  readonly size?: number;
}

export interface SecretMount {
  readonly type: 'secret';
  readonly id: string;
  /** The file that holds it; absent where only a variable does. */
  readonly target?: string;
  /** The variable that holds it. */
  readonly env?: string;
  readonly required: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The socket of an ssh agent. */
export interface SshMount {
  readonly type: 'ssh';
  readonly id: string;
  readonly target: string;
  readonly required: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface RunDefinition {
  readonly op: 'run';
  /** The whole command, shell included. */
  readonly args: readonly string[];
  /** `NAME=value`, each name once: the image's environment and the ARGs declared so far. */
  readonly env: readonly string[];
  /** Proxies given as build arguments, which no ARG declares: seen by the command, not in the key. */
  readonly proxies: readonly string[];
  /** What the image is for, in Go's terms. Not in the key: what the step builds on tells it. */
  readonly architecture: string;
  /** Absolute, cleaned. */
  readonly cwd: string;
  /** USER in force; empty for root. */
  readonly user: string;
  readonly network: 'host' | 'none';
  /** All rights that the user has: `--security=insecure`. */
  readonly insecure?: boolean;
  /** Parents before what lies below them, each target once. */
  readonly mounts?: readonly RunMount[];
  /** A program given as heredoc, and where the command finds it. */
  readonly script?: { readonly path: string; readonly text: string };
}

export type OperationDefinition = ImageDefinition | CopyDefinition | WorkdirDefinition | RunDefinition;
