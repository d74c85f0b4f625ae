import { posix } from 'node:path';

/** A source of COPY or ADD, taken apart. */
export interface SourcePath {
  /** Clean and relative to the tree's root, which is `''`; may hold wildcards. What lies there is copied. */
  readonly root: string;
  /** Whether the source ended in `/`: then the folder's own metadata is not part of what is asked for. */
  readonly endsInSlash: boolean;
  /**
   * With --parents: what to take below `root`, keeping the folders in between; a pattern that may hold `**`, or `''` for
   * all of it. Only what stands after a `/./` is kept, where there is one.
   */
  readonly below?: string;
}

/**
 * Cleans a source as written. Like the root of a file system, the root of the tree is its own parent, so that `../x`
 * is `x`; a leading `/` is the tree's root too.
 */
export function parseSourcePath(written: string, parents: boolean): SourcePath {
  if (!parents) return { root: cleanPath(written), endsInSlash: /\/\.?$/.test(written) };
  const pivot = written.indexOf('/./');
  return pivot < 0
    ? { root: '', endsInSlash: true, below: cleanPath(written) }
    : {
        root: cleanPath(written.slice(0, pivot)),
        endsInSlash: false,
        below: cleanPath(written.slice(pivot + 3)),
      };
}

/** The path without `.`, `..`, doubled, leading and trailing slashes, resolved by its text alone and inside the root. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(`/${path}`);
  return clean.endsWith('/') ? clean.slice(1, -1) : clean.slice(1);
}

/** Path of `name` in the folder `directory`, either of which may be `''`. */
export function joinPath(directory: string, name: string): string {
  if (directory === '') return name;
  return name === '' ? directory : `${directory}/${name}`;
}

/** The last element of a path; `''` for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder a path is in; `''` for the root and what lies in it. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
