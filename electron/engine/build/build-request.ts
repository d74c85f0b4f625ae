import type { BuildTrigger } from '../../../shared/build-events.ts';
import type { SandboxOptions } from '../executor/sandbox-options.ts';
import type { Grant, RunRights } from '../graph/run-rights.ts';
import type { SshSource } from '../ops/ssh-agents.ts';
import type { NamedContext } from '../graph/named-context.ts';

/** One build, as the command line, the window and the Engine API ask for it. */
export interface BuildRequest {
  /** The context's directory; absolute, or relative to the working directory. */
  readonly folder: string;
  /** Relative to the context's directory unless absolute; the usual names are tried without it. */
  readonly dockerfile?: string;
  /** References as people write them; `latest` is filled in. */
  readonly tags: readonly string[];
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** What takes the place of stages and images, by name; see parse-build-context.ts. */
  readonly contexts?: Readonly<Record<string, NamedContext>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  /** Names of stages, whatever their letter case, whose steps run whatever is in the cache. Not together with `noCache`. */
  readonly noCacheFilter?: readonly string[];
  /** Asks the registries also for base images that the store has. */
  readonly pull?: boolean;
  /** `os/architecture[/variant]`; the machine's own without it. */
  readonly platform?: string;
  readonly trigger: BuildTrigger;
  /** Secrets that RUN may mount, each id once. */
  readonly secrets?: readonly SecretSource[];
  /** Agents for RUN --mount=type=ssh, each id once. */
  readonly ssh?: readonly SshSource[];
  /** The network of RUNs that do not choose one. */
  readonly network?: RunRights['network'];
  /** What RUN may do besides what every Dockerfile may. */
  readonly grants?: readonly Grant[];
  readonly sandbox?: SandboxOptions;
  /** Where to put the result besides the store. */
  readonly outputs?: readonly BuildOutput[];
}

/** A secret, in a file (absolute path) or at hand. */
export type SecretSource = { readonly id: string } & (
  { readonly path: string } | { readonly value: string | Uint8Array }
);

export interface BuildOutput {
  readonly type: 'oci' | 'docker' | 'tar' | 'local';
  /** A path, or `-` for standard output. */
  readonly destination: string;
}
