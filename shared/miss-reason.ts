/**
 * Why a step was not found in the cache, in terms of what somebody changed. Everything in it may come from a Dockerfile, a context
 * or an image: it is data to show, clipped by whoever made it, and never holds a secret.
 */
export interface MissReason {
  /** The first cause: had only the rest differed, this is what one would look for. */
  readonly cause: MissCause;
  /** What differs besides; most important first. */
  readonly also?: readonly MissCause[];
}

export type MissCause =
  /** No build of the project that is remembered had such a step. */
  | { readonly kind: 'new' }
  /** The same was tried before, and did not end well. */
  | { readonly kind: 'unfinished' }
  /** Clean-up removed the result; milliseconds since 1970. */
  | { readonly kind: 'removed'; readonly at: number }
  /** The result is damaged, or gone from the store. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'no-cache' }
  | { readonly kind: 'no-cache-filter'; readonly stage: string }
  /** The results there are were made by a version of Slipway that worked in another way. */
  | { readonly kind: 'version' }
  /** The instruction as written, then and now. */
  | { readonly kind: 'instruction'; readonly before: string; readonly after: string }
  | { readonly kind: 'platform'; readonly before: string; readonly after: string }
  /** FROM leads to another image. */
  | { readonly kind: 'base'; readonly before?: ImageName; readonly after?: ImageName }
  /** Flags of the build or of RUN: network, hosts, limits. */
  | { readonly kind: 'flags'; readonly changes: readonly SettingChange[] }
  | { readonly kind: 'variables'; readonly changes: readonly VariableChange[]; readonly more: number }
  | ({ readonly kind: 'files'; readonly from: string } & FileChanges)
  /** Files came or went because the ignore file did. */
  | ({ readonly kind: 'ignore-file'; readonly file: string } & FileChanges)
  /** What COPY --from or a mount reads was made anew: by `step`, the first cause. */
  | ({ readonly kind: 'stage'; readonly stage: string; readonly step?: string } & FileChanges)
  /** What COPY --from or a mount reads is another image. */
  | ({ readonly kind: 'image'; readonly before?: ImageName; readonly after?: ImageName } & FileChanges)
  /** What earlier instructions say about working directory, user and shell. */
  | { readonly kind: 'settings'; readonly changes: readonly SettingChange[] }
  /** `step` is the first cause. */
  | { readonly kind: 'earlier-step'; readonly step: string; readonly how: EarlierStepChange }
  /** An instruction that stood above is gone. */
  | { readonly kind: 'removed-step'; readonly text: string }
  /** What the step builds on is not what it was, for a reason that nothing remembered tells. */
  | { readonly kind: 'below' };

/**
 * rebuilt: it ran and made something else; restored: an older result of it is in use again; added: it was not there; moved: it
 * stood above and does no more; unknown: it will run, and may well make the same as before.
 */
export type EarlierStepChange = 'rebuilt' | 'restored' | 'added' | 'moved' | 'unknown';

export interface ImageName {
  /** Full. */
  readonly reference: string;
  /** Of the manifest. */
  readonly digest: string;
}

export interface SettingChange {
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

/** Without `before` it was added, without `after` removed, and of a secret neither is told. */
export interface VariableChange {
  readonly word: 'ARG' | 'ENV';
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly secret?: true;
  readonly before?: string;
  readonly after?: string;
}

export interface FileChanges {
  /** At most {@link MOST_FILES}. */
  readonly changes: readonly FileChange[];
  /** How many more there are. */
  readonly more: number;
  /** How many of all were added and removed; the others changed. */
  readonly added: number;
  readonly removed: number;
}

/** How many changed files a reason names. */
export const MOST_FILES = 50;

export type FileAspect =
  'added' | 'removed' | 'content' | 'mode' | 'owner' | 'type' | 'link' | 'device' | 'attributes';

export interface FileChange {
  readonly path: string;
  /** `added` and `removed` stand alone. */
  readonly what: readonly FileAspect[];
  /** Of mode, owner, type or link, where only one of them changed. */
  readonly before?: string;
  readonly after?: string;
}
