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
