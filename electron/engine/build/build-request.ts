import type { BuildTrigger } from '../../../shared/build-events.ts';
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
  /** Asks the registries also for base images that the store has. */
  readonly pull?: boolean;
  /** `os/architecture[/variant]`; the machine's own without it. */
  readonly platform?: string;
  readonly trigger: BuildTrigger;
  /** Where to put the result besides the store. */
  readonly outputs?: readonly BuildOutput[];
}

export interface BuildOutput {
  readonly type: 'oci' | 'docker' | 'tar' | 'local';
  /** A path, or `-` for standard output. */
  readonly destination: string;
}
