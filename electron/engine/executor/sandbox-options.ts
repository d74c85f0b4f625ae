/** What a build asks for the processes of all its steps. None of it is in the image. */
export interface SandboxOptions {
  /** Further lines of /etc/hosts; addresses checked. */
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Bytes of /dev/shm; 64 MiB without it. */
  readonly shmSize?: number;
  /** By the names of setrlimit(2) without `RLIMIT_`, lower-case; -1 is unlimited. */
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly limits: ResourceLimits;
}

/** Limits of a control group, in the units of docker build's flags. */
export interface ResourceLimits {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of memory and swap together; -1 is unlimited. */
  readonly memorySwap?: number;
  readonly cpuShares?: number;
  /** Microseconds. */
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  /** As `0-2,4`. */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
}

export const DEFAULT_SANDBOX: SandboxOptions = { hosts: [], ulimits: [], limits: {} };
