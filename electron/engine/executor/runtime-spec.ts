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
  /** What lies at `path`, resolved and without a leading slash, in unpacked layers, lowest first; what is written there is discarded. */
  | {
      readonly kind: 'stack';
      readonly lower: readonly string[];
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
  /** All capabilities, no seccomp, the machine's devices: `RUN --security=insecure`. */
  readonly insecure: boolean;
  readonly mounts: readonly ExtraMount[];
  readonly sandbox: SandboxOptions;
}

/** The same on every machine, so that what a command makes of it can be cached. */
export const HOSTNAME = 'buildkitsandbox';

/**
 * Docker's default set without CAP_MKNOD: no device cgroup is around the process, so it must not make devices.
 */
const CAPABILITIES = [
  ...['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID'],
  ...['CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE'],
];
const MASKED = [
  ...['/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats'],
  ...['/proc/sched_debug', '/proc/scsi', '/proc/timer_list', '/proc/timer_stats', '/sys/firmware'],
  '/sys/devices/virtual/powercap',
];
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
const QUIET = ['nosuid', 'noexec', 'nodev'];

/** Where the runtime itself mounts something; what is made only for that must not get into a layer. */
export const MOUNT_TARGETS = ['/proc', '/dev', '/sys', '/etc/resolv.conf', '/etc/hosts'];

/**
 * The runtime's configuration (OCI runtime-spec 1.0.2) for a process in the root filesystem at `rootfs`. `bundle` holds the
 * files of mounts of kind `bundle`, and resolv.conf and hosts, which are put over those of /etc. Absolute paths of the host.
 */
export function runtimeSpec(
  request: ProcessRequest,
  { rootfs, bundle }: { readonly rootfs: string; readonly bundle: string },
): unknown {
  const { uid, gid, additionalGids } = request.user;
  const bind = (source: string, destination: string, readonly: boolean): unknown => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', readonly ? 'ro' : 'rw', 'nosuid', 'nodev'],
  });
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid, gid, additionalGids },
      args: request.args,
      env: request.env,
      cwd: request.cwd,
      capabilities: { bounding: CAPABILITIES, permitted: CAPABILITIES, effective: CAPABILITIES },
      noNewPrivileges: false,
    },
    root: { path: rootfs, readonly: false },
    hostname: HOSTNAME,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: QUIET },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      },
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'shm',
        options: [...QUIET, 'mode=1777', 'size=65536k'],
      },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: QUIET },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...QUIET, 'ro'] },
      bind(`${bundle}/resolv.conf`, '/etc/resolv.conf', true),
      bind(`${bundle}/hosts`, '/etc/hosts', true),
      ...request.mounts.map((mount) => {
        if (mount.kind === 'bundle') return bind(`${bundle}/${mount.name}`, mount.target, true);
        if (mount.kind === 'bind') return bind(mount.source, mount.target, mount.readonly);
        if (mount.kind === 'stack') throw new Error('Not mounted yet.');
        const size = mount.size === undefined ? [] : [`size=${mount.size}`];
        return {
          destination: mount.target,
          type: 'tmpfs',
          source: 'tmpfs',
          options: ['nosuid', 'nodev', ...size],
        };
      }),
    ],
    linux: {
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
        ...(request.network === 'none' ? [{ type: 'network' }] : []),
      ],
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
      seccomp: seccompProfile(process.arch),
    },
  };
}
