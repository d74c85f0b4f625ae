import type { Identity } from '../base/identity.ts';
import { hostPlatform } from '../image/platform.ts';
import { capabilitiesFor } from './capabilities.ts';
import type { LayerStack } from '../layer/layer.ts';
import type { TerminalSize } from './process-io.ts';
import type { SandboxOptions } from './sandbox-options.ts';
import { seccompProfile } from './seccomp.ts';

/** Who a process runs as, numbers all looked up. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** What the process sees at `target`, an absolute path, besides the stage's own files. */
export type ExtraMount =
  /** A file of the bundle, read-only. */
  | { readonly kind: 'bundle'; readonly name: string; readonly target: string }
  /**
   * A file, folder or socket of the host. `within` names something below it, `/`-separated: reached name by name and never through
   * a link, whatever runs meanwhile makes of the folder.
   */
  | {
      readonly kind: 'bind';
      readonly source: string;
      readonly within?: string;
      readonly target: string;
      readonly readonly: boolean;
    }
  /** What lies at `path`, resolved and without a leading slash, in a stack of layers; what is written there is discarded. */
  | {
      readonly kind: 'stack';
      readonly stack: LayerStack;
      readonly path: string;
      readonly target: string;
      readonly readonly: boolean;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size?: number };

/** One process in a root filesystem. */
export interface ProcessRequest {
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** Absolute; made where it is missing. */
  readonly cwd: string;
  readonly user: ProcessUser;
  readonly network: 'host' | 'none';
  /** What the image is for, in Go's terms; without it, what this machine is. */
  readonly architecture?: string;
  /** All capabilities, no seccomp, the machine's devices: `RUN --security=insecure`. */
  readonly insecure: boolean;
  readonly mounts: readonly ExtraMount[];
  readonly sandbox: SandboxOptions;
}

/** The same on every machine, so that what a command makes of it can be cached. */
export const HOSTNAME = 'buildkitsandbox';

const MASKED = [
  ...['/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats'],
  ...['/proc/sched_debug', '/proc/scsi', '/proc/timer_list', '/proc/timer_stats', '/sys/firmware'],
  '/sys/devices/virtual/powercap',
];
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
const QUIET = ['nosuid', 'noexec', 'nodev'];

/** Where the runtime itself mounts something; what is made only for that must not get into a layer. */
export const MOUNT_TARGETS = ['/proc', '/dev', '/sys', '/etc/resolv.conf', '/etc/hosts'];

/** What the configuration needs to know of the sandbox around the process. */
export interface SpecContext {
  /** The root filesystem, and the folder that holds the bundle's files: absolute paths of the host. */
  readonly rootfs: string;
  readonly bundle: string;
  readonly identity: Identity;
  /** The first size of the process's terminal, where it gets one. */
  readonly terminal: TerminalSize | undefined;
}

/**
 * The runtime's configuration (OCI runtime-spec 1.0.2) for a process. Of `mounts` only the kinds bundle, bind and tmpfs may be left,
 * as layMounts answers them. The bundle also holds resolv.conf and hosts, which are put over those of /etc.
 */
export function runtimeSpec(request: ProcessRequest, context: SpecContext): unknown {
  const { uid, gid, additionalGids } = request.user;
  const { rootfs, bundle, identity, terminal } = context;
  const { insecure, network, sandbox, architecture = hostPlatform().architecture } = request;
  const capabilities = capabilitiesFor(insecure, identity);
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: terminal !== undefined,
      ...(terminal ? { consoleSize: { height: terminal.rows, width: terminal.columns } } : {}),
      user: { uid, gid, additionalGids },
      args: request.args,
      env: request.env,
      cwd: request.cwd,
      capabilities: { bounding: capabilities, permitted: capabilities, effective: capabilities },
      noNewPrivileges: false,
      rlimits: sandbox.ulimits.map(({ name, soft, hard }) => ({
        type: `RLIMIT_${name.toUpperCase()}`,
        soft: unlimited(soft),
        hard: unlimited(hard),
      })),
    },
    root: { path: rootfs, readonly: false },
    hostname: HOSTNAME,
    mounts: [
      ...systemMounts(request, identity),
      bind(`${bundle}/resolv.conf`, '/etc/resolv.conf', true),
      bind(`${bundle}/hosts`, '/etc/hosts', true),
      ...request.mounts.map((mount) => extraMount(mount, bundle)),
    ],
    linux: {
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
        ...(network === 'none' ? [{ type: 'network' }] : []),
      ],
      ...(insecure
        ? {}
        : {
            maskedPaths: MASKED,
            readonlyPaths: READ_ONLY,
            seccomp: seccompProfile(architecture, capabilities),
          }),
    },
  };
}

function systemMounts(
  { insecure, network, sandbox }: ProcessRequest,
  identity: Identity,
): readonly unknown[] {
  const mount = (destination: string, type: string, options: readonly string[]): unknown => ({
    ...{ destination, type, source: type, options },
  });
  const terminals = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'];
  const access = insecure ? 'rw' : 'ro';
  return [
    mount('/proc', 'proc', QUIET),
    mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    // The group tty is not there where there is one group only.
    mount('/dev/pts', 'devpts', identity.kind === 'single' ? terminals : [...terminals, 'gid=5']),
    mount('/dev/shm', 'tmpfs', [...QUIET, 'mode=1777', `size=${sandbox.shmSize ?? 64 << 20}`]),
    mount('/dev/mqueue', 'mqueue', QUIET),
    // Only who made the network may mount what shows its devices; everybody else sees the machine's.
    identity.kind === 'root' || network === 'none'
      ? mount('/sys', 'sysfs', [...QUIET, access])
      : { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', ...QUIET, access] },
  ];
}

function extraMount(mount: ExtraMount, bundle: string): unknown {
  switch (mount.kind) {
    case 'bundle':
      return bind(`${bundle}/${mount.name}`, mount.target, true);
    case 'bind':
      return bind(mount.source, mount.target, mount.readonly);
    case 'tmpfs': {
      const size = mount.size === undefined ? [] : [`size=${mount.size}`];
      return {
        destination: mount.target,
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', ...size],
      };
    }
    case 'stack':
      throw new Error('A stack of layers is mounted before the runtime starts.');
  }
}

function bind(source: string, destination: string, readonly: boolean): unknown {
  const options = ['rbind', readonly ? 'ro' : 'rw', 'nosuid', 'nodev'];
  return { destination, type: 'bind', source, options };
}

/** RLIM_INFINITY, 2⁶⁴ − 1, is no number of this language: specText writes it in the place of this. */
const UNLIMITED = 'unlimited';
const RLIM_INFINITY = '18446744073709551615';

function unlimited(value: number): number | string {
  return value < 0 ? UNLIMITED : value;
}

/** The configuration as the file config.json. */
export function specText(spec: unknown): string {
  return JSON.stringify(spec)
    .replaceAll(`"soft":"${UNLIMITED}"`, `"soft":${RLIM_INFINITY}`)
    .replaceAll(`"hard":"${UNLIMITED}"`, `"hard":${RLIM_INFINITY}`);
}
