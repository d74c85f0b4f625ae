import { readFileSync } from 'node:fs';
import type { Identity } from '../base/identity.ts';

/** Docker's default set without CAP_MKNOD: no device cgroup is around the process, so it must not make devices. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  ...['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID'],
  ...['CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE'],
];

/** All of capabilities(7) in the order of their numbers (linux/capability.h). */
const ALL = [
  ...['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL'],
  ...['CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP', 'CAP_LINUX_IMMUTABLE', 'CAP_NET_BIND_SERVICE'],
  ...['CAP_NET_BROADCAST', 'CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_IPC_LOCK', 'CAP_IPC_OWNER', 'CAP_SYS_MODULE'],
  ...['CAP_SYS_RAWIO', 'CAP_SYS_CHROOT', 'CAP_SYS_PTRACE', 'CAP_SYS_PACCT', 'CAP_SYS_ADMIN', 'CAP_SYS_BOOT'],
  ...['CAP_SYS_NICE', 'CAP_SYS_RESOURCE', 'CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG', 'CAP_MKNOD', 'CAP_LEASE'],
  ...['CAP_AUDIT_WRITE', 'CAP_AUDIT_CONTROL', 'CAP_SETFCAP', 'CAP_MAC_OVERRIDE', 'CAP_MAC_ADMIN'],
  ...['CAP_SYSLOG', 'CAP_WAKE_ALARM', 'CAP_BLOCK_SUSPEND', 'CAP_AUDIT_READ', 'CAP_PERFMON', 'CAP_BPF'],
  'CAP_CHECKPOINT_RESTORE',
];

/**
 * The capabilities of a step's process: Docker's default set, or all for an insecure one; but none that this process has not got
 * itself, because a runtime that is to give those away fails. In a user namespace of its own it has them all.
 */
export function capabilitiesFor(
  insecure: boolean,
  identity: Identity,
  own = ownCapabilities(),
): readonly string[] {
  const wanted = insecure ? ALL : DEFAULT_CAPABILITIES;
  if (identity.kind !== 'root') return wanted;
  return wanted.filter((name) => (own >> BigInt(ALL.indexOf(name))) & 1n);
}

/** The effective set, a bit for each number (proc_pid_status(5)); all where the system does not tell. */
function ownCapabilities(): bigint {
  try {
    const [, mask] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return mask === undefined ? -1n : BigInt(`0x${mask}`);
  } catch {
    return -1n;
  }
}
