/** System calls that change the machine rather than the container, or reach other processes and namespaces. */
const REFUSED = [
  ...['acct', 'add_key', 'bpf', 'clock_adjtime', 'clock_adjtime64', 'clock_settime', 'clock_settime64'],
  ...['adjtimex', 'create_module', 'delete_module', 'fanotify_init', 'finit_module', 'fsconfig', 'fsmount'],
  ...['fsopen', 'fspick', 'get_kernel_syms', 'init_module', 'io_uring_enter', 'io_uring_register'],
  ...[
    'io_uring_setup',
    'ioperm',
    'iopl',
    'kcmp',
    'kexec_file_load',
    'kexec_load',
    'keyctl',
    'lookup_dcookie',
  ],
  ...['mount', 'mount_setattr', 'move_mount', 'nfsservctl', 'open_by_handle_at', 'open_tree'],
  ...['perf_event_open', 'pidfd_getfd', 'pivot_root', 'query_module', 'quotactl', 'quotactl_fd', 'reboot'],
  ...['request_key', 'setns', 'settimeofday', 'stime', 'swapoff', 'swapon', 'sysfs', '_sysctl', 'syslog'],
  ...['umount', 'umount2', 'unshare', 'uselib', 'userfaultfd', 'ustat', 'vhangup', 'vm86', 'vm86old'],
] as const;

/** CLONE_NEW{CGROUP,UTS,IPC,USER,PID,NET,NS,TIME}: flags by which clone makes namespaces. */
const NAMESPACE_FLAGS = [
  0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x00000080,
];
/** ENOSYS: the C library then falls back to clone, whose flags a filter can see. */
const ENOSYS = 38;

const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

/**
 * The seccomp part of a runtime configuration (OCI runtime-spec, config-linux.md), for Node's name of the architecture:
 * what Docker's default profile refuses is refused with EPERM, and new namespaces cannot be made.
 */
export function seccompProfile(architecture: string): unknown {
  const architectures = ARCHITECTURES[architecture];
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    ...(architectures === undefined ? {} : { architectures }),
    syscalls: [
      { names: REFUSED, action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      ...NAMESPACE_FLAGS.map((flag) => ({
        names: ['clone'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 1,
        args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
    ],
  };
}
