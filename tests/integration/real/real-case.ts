import type { ConfigException, FileException } from '../parity/parity-case.ts';
import type { Tree } from '../support/tree.ts';

/** A Dockerfile of the kind people have, built by both builders. */
export interface RealCase {
  readonly name: string;
  readonly dockerfile: string;
  /** The same for buildah 1.28, where that lacks what `dockerfile` uses; `why` says what. */
  readonly theirs?: { readonly dockerfile: string; readonly why: string };
  readonly context?: Tree;
  /** Flags that docker build, buildah and ours all have; paths are relative to $CONTEXT; an ssh agent listens at $SSH_AUTH_SOCK. */
  readonly flags?: readonly string[];
  /** Built before, with the same flags, in the same store. */
  readonly before?: string;
  /** Paths whose times of change are compared too, in seconds. */
  readonly times?: readonly string[];
  /** Also built as a normal user, whose image must have the same files with the same owners. */
  readonly asUser?: boolean;
  /** Whether it also works for a user who has no subordinate ids, or is refused because it needs more users than root. */
  readonly alone?: 'works' | 'refused';
  readonly except?: readonly FileException[];
  readonly exceptConfig?: readonly ConfigException[];
}

/** A Dockerfile on busybox, which has a shell and small tools; it may begin with `AS stage`. */
export const onBusybox = (name: string, dockerfile: string, more: Partial<RealCase> = {}): RealCase => ({
  name,
  dockerfile: `FROM localhost/busy${head(dockerfile)}\n`,
  ...more,
});

/** A Dockerfile on Debian, which has apt, perl, bash and the tools for users. */
export const onDebian = (name: string, dockerfile: string, more: Partial<RealCase> = {}): RealCase => ({
  name,
  dockerfile: `FROM localhost/debian${head(dockerfile)}\n`,
  ...more,
});

/** The rest of the line when that names the stage. */
function head(dockerfile: string): string {
  return dockerfile.startsWith('AS ') ? ` ${dockerfile}` : `\n${dockerfile}`;
}
