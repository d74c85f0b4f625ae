import type { SandboxOptions } from '../executor/sandbox-options.ts';
import type { SshAgents } from './ssh-agents.ts';

/** What a build gives to its RUNs. Nothing of the secrets and agents may get into a key, a record or an event. */
export interface RunResources {
  readonly sandbox: SandboxOptions;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly agents: SshAgents;
  /** Cache mounts, by name, that this build begins anew, each once; undefined where they are used as they are. */
  readonly renewals: Map<string, Promise<void>> | undefined;
}
