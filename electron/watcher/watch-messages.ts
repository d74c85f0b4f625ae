import type { PathChange } from '../engine/context/apply-changes.ts';
import type { WatchedFiles } from '../engine/context/watched-files.ts';

/** What the watching thread is started with. */
export interface WatchThreadData {
  readonly files: WatchedFiles;
  /** Milliseconds between looks; undefined where the system tells of changes. */
  readonly polling?: number | undefined;
}

/** What the watching thread says. */
export type WatchMessage =
  /** From now on nothing goes unheard. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'changes';
      /** Relative to the context's folder. */
      readonly paths: readonly (readonly [string, PathChange])[];
      readonly everything: boolean;
      readonly control: boolean;
      /** So much came at once that some of it may be lost, and with it folders that ought to be subscribed to. */
      readonly storm: boolean;
    }
  /** It has said all that the system told it until it was asked. */
  | { readonly kind: 'synced' }
  /** The context's folder is no longer there. */
  | { readonly kind: 'gone' }
  /** Not all can be watched; `code` is the system's. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What it is told: what it said so far has been taken care of; or to say that it has said all that the system told it. */
export interface WatchCommand {
  readonly kind: 'taken' | 'sync';
}
