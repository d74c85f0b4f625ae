import type { SourceRange } from '../../../shared/source-range.ts';
import type { Digest } from '../base/digest.ts';
import type { RunEnd } from '../executor/run-process.ts';
import type { ProcessUser } from '../executor/runtime-spec.ts';
import type { SandboxOptions } from '../executor/sandbox-options.ts';

/**
 * What is written down of a step whose command failed, so that another process can be started where it was: never a secret, an
 * agent, or a proxy, which may hold a password.
 */
export interface KeptDetails {
  readonly name: string;
  readonly file: string;
  readonly range: SourceRange;
  readonly exitCode: number;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: ProcessUser;
  readonly network: 'host' | 'none';
  readonly insecure: boolean;
  readonly architecture?: string;
  readonly sandbox: SandboxOptions;
  /** In what is kept: the folder `upper`, to be laid on the layers, or `rootfs`, which is the whole root filesystem. */
  readonly form: RunEnd['form'];
  /** Whose rights the files have, as identityTag has it. */
  readonly identity: string;
  readonly mounts: readonly KeptMount[];
  readonly script?: { readonly path: string; readonly text: string };
}

export type KeptMount =
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size?: number }
  | {
      readonly kind: 'stack';
      readonly layers: readonly Digest[];
      readonly path: string;
      readonly target: string;
      readonly readonly: boolean;
    }
  | {
      readonly kind: 'bind';
      /** Relative to the store's root where it is a folder of the store, to what is kept where it was made for the step. */
      readonly of: 'store' | 'kept';
      readonly source: string;
      readonly within?: string;
      readonly target: string;
      readonly readonly: boolean;
    };
