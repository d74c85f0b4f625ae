import type { BundleFile } from '../executor/bundle.ts';
import type { ExtraMount } from '../executor/runtime-spec.ts';
import type { KeyPart } from '../store/store.ts';
import type { OperationInput } from './operation.ts';

/** Mounts of a step that are ready to be looked up; see run-mounts.ts. */
export interface PreparedMounts {
  /** What of their options is in the key, as canonical data. */
  readonly options: readonly object[];
  /** Their content that is in the key, as digests of canonical lines. */
  readonly parts: readonly KeyPart[];
  /** What the parts stand for, in their order. */
  readonly inputs: readonly OperationInput[];
  /** Makes what the process will see, in the folder `place`, which is not made yet, where it needs one. */
  make(place: string): Promise<MadeMounts>;
}

/** What a process gets of mounts. */
export interface MadeMounts {
  readonly mounts: readonly ExtraMount[];
  readonly files?: readonly BundleFile[];
  /** Variables, as `NAME=value`, that take the place of the image's. */
  readonly env?: readonly string[];
  /** Variables for where there is none of the name; the first of a name counts. */
  readonly fallbackEnv?: readonly string[];
  /** Gives up what is held for it; the folder is the caller's to remove. */
  readonly release?: () => Promise<void>;
}

/** A mount that the process does not get. */
export const NOTHING_MADE: MadeMounts = { mounts: [] };
