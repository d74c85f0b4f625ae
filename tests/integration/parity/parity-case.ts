import { hash } from 'node:crypto';
import type { Tree } from '../support/tree.ts';

/** One Dockerfile that both builders build. */
export interface ParityCase {
  readonly name: string;
  readonly dockerfile: string;
  readonly context?: Tree;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Where the two mean to differ, or buildah 1.28 lacks what Dockerfiles have now. What ours is, is still checked. */
  readonly except?: readonly FileException[];
  readonly exceptConfig?: readonly ConfigException[];
}

export interface FileException {
  readonly path: string;
  /** Our line of the listing; undefined where we have nothing there. */
  readonly ours: string | undefined;
  readonly why: string;
}

export interface ConfigException {
  readonly field: string;
  readonly ours: unknown;
  readonly why: string;
}

/** One Dockerfile whose result is written down, because buildah 1.28 cannot build it. */
export interface WrittenCase {
  readonly name: string;
  readonly dockerfile: string;
  readonly context?: Tree;
  readonly why: string;
  /** All lines of the listing. */
  readonly files: readonly string[];
}

/** The listing's line of a file with this text. `owned` is mode and owner: `0644 0:0`. */
export function fileLine(owned: string, path: string, text: string): string {
  return `file ${owned} ${Buffer.byteLength(text)} ${path} ${hash('sha256', text).slice(0, 16)}`;
}

/** Why directories of WORKDIR are missing from what buildah builds. */
export const LAZY_WORKDIR =
  'buildah makes the folder of WORKDIR when something uses it; BuildKit always makes it';
