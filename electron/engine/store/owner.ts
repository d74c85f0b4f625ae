import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Who holds a lease or writes an ingest file: one open store of one process. A pid alone is used again, so the process's
 * start time, the boot and the pid namespace go with it.
 */
export interface Owner {
  readonly pid: number;
  /** Start of the process in clock ticks since boot; empty where the system does not tell. */
  readonly start: string;
  /** Empty where the system does not tell. */
  readonly boot: string;
  readonly namespace: string;
  readonly nonce: string;
}

const TEXT = /^p(\d{1,10})_(\d*)_([0-9a-f]*)_(\d*)_([0-9a-f]+)$/;

/** A new identity for a store that this process opens. */
export function newOwner(): Owner {
  return {
    pid: process.pid,
    start: startOf(process.pid) ?? '',
    boot: bootId(),
    namespace: pidNamespace(),
    nonce: randomBytes(6).toString('hex'),
  };
}

/** As text that is a good file name prefix and has no dot. */
export function ownerText(owner: Owner): string {
  return `p${owner.pid}_${owner.start}_${owner.boot}_${owner.namespace}_${owner.nonce}`;
}

/** The inverse of {@link ownerText}; undefined for anything else. */
export function parseOwner(text: string): Owner | undefined {
  const match = TEXT.exec(text);
  if (!match) return undefined;
  const [, pid, start, boot, namespace, nonce] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { pid: Number(pid), start, boot, namespace, nonce };
}

/**
 * Whether the owner's process may still run. When that cannot be known (another pid namespace of this boot, a system
 * without /proc) the answer is yes: a leftover costs disk space, a wrong sweep costs an image.
 */
export function isAlive(owner: Owner): boolean {
  if (owner.boot !== bootId()) return false;
  if (owner.namespace !== pidNamespace()) return true;
  const start = startOf(owner.pid);
  if (start !== undefined) return owner.start === start;
  if (owner.start !== '') return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The running boot's id without dashes, on Linux; empty elsewhere. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id').replaceAll(/[^0-9a-f]/g, '');
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)), counted after the name, which may hold blanks and parentheses. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
