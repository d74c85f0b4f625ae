import type { PathChange } from '../engine/context/apply-changes.ts';

/** What a watcher heard in a while. */
export interface Changes {
  /** Relative to the context's folder. */
  readonly paths: ReadonlyMap<string, PathChange>;
  /** More may have changed than the paths say. */
  readonly everything: boolean;
  /** A Dockerfile or ignore file may have changed. */
  readonly control: boolean;
}

/** Gathers changes until somebody takes them. */
export interface ChangeSet {
  add(changes: Partial<Changes>): void;
  readonly isEmpty: boolean;
  /** How many paths. */
  readonly size: number;
  /** Everything since the last time, most recent last. */
  take(): Changes;
  /** Paths seen so far, oldest first. */
  paths(): Iterable<string>;
}

export function createChangeSet(): ChangeSet {
  let paths = new Map<string, PathChange>();
  let everything = false;
  let control = false;

  return {
    add(changes) {
      everything ||= changes.everything ?? false;
      control ||= changes.control ?? false;
      for (const [path, change] of changes.paths ?? []) {
        if (change === 'below' || !paths.has(path)) paths.set(path, change);
      }
    },
    get isEmpty() {
      return paths.size === 0 && !everything && !control;
    },
    get size() {
      return paths.size;
    },
    take() {
      const taken = { paths, everything, control };
      paths = new Map();
      everything = control = false;
      return taken;
    },
    paths: () => paths.keys(),
  };
}
