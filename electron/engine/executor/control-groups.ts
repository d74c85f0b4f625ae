import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../base/errors.ts';
import type { Identity } from '../base/identity.ts';
import type { ResourceLimits } from './sandbox-options.ts';
import { quote } from './shell-quote.ts';

const ROOT = '/sys/fs/cgroup';
const REMOVE_MS = 5_000;
const REMOVE_STEP_MS = 10;

/** The lines of a sandbox's script that put it under limits and clear up after it. */
export interface GroupLines {
  readonly enter: readonly string[];
  readonly leave: readonly string[];
  /** Takes away what a script that was killed could not. Never fails. */
  remove(): Promise<void>;
}

/**
 * Control groups for limits, of whichever version this machine has, named after this process. Answers no lines where nothing is
 * limited. Fails with RUN_LIMITS, saying which limit cannot be had.
 */
export async function controlGroups(
  limits: ResourceLimits,
  name: string,
  identity: Identity,
): Promise<GroupLines> {
  if (Object.keys(limits).length === 0) return { enter: [], leave: [], remove: async () => undefined };
  if (identity.kind !== 'root') {
    throw new EngineError('RUN_LIMITS', 'Limits on memory and processors need root here.', {
      hint: 'Build without --memory and --cpu… flags, or as root.',
    });
  }
  await sweepGroups();
  return existsSync(`${ROOT}/cgroup.controllers`) ? unified(limits, name) : separate(limits, name);
}

/** cgroup v2 (Linux, admin-guide/cgroup-v2). */
function unified(limits: ResourceLimits, name: string): GroupLines {
  const { memory, memorySwap, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems } = limits;
  const files: [string, string][] = [];
  if (memory !== undefined) files.push(['memory.max', `${memory}`]);
  if (memorySwap !== undefined) {
    files.push(['memory.swap.max', memorySwap < 0 ? 'max' : `${Math.max(0, memorySwap - (memory ?? 0))}`]);
  }
  if (cpuShares !== undefined) files.push(['cpu.weight', `${weightOf(cpuShares)}`]);
  if (cpuQuota !== undefined || cpuPeriod !== undefined) {
    const quota = cpuQuota === undefined || cpuQuota <= 0 ? 'max' : `${cpuQuota}`;
    files.push(['cpu.max', `${quota} ${cpuPeriod ?? 100_000}`]);
  }
  if (cpusetCpus !== undefined) files.push(['cpuset.cpus', cpusetCpus]);
  if (cpusetMems !== undefined) files.push(['cpuset.mems', cpusetMems]);
  const folder = join(ROOT, name);
  return {
    enter: [
      `echo '+memory +cpu +cpuset' > ${ROOT}/cgroup.subtree_control 2>/dev/null`,
      `mkdir ${quote(folder)} || fail groups`,
      ...files.map(([file, value]) => write(join(folder, file), value)),
      write(join(folder, 'cgroup.procs'), '0'),
    ],
    leave: [`echo 0 > ${ROOT}/cgroup.procs; rmdir ${quote(folder)}`],
    remove: () => removeGroup(folder),
  };
}

/** cgroup v1: one hierarchy for each controller. */
function separate(limits: ResourceLimits, name: string): GroupLines {
  const { memory, memorySwap, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems } = limits;
  const groups = new Map<string, [string, string][]>();
  const set = (controller: string, file: string, value: number | string | undefined): void => {
    if (value === undefined) return;
    groups.set(controller, [...(groups.get(controller) ?? []), [file, `${value}`]]);
  };
  set('memory', 'memory.limit_in_bytes', memory);
  set('memory', 'memory.memsw.limit_in_bytes', memorySwap);
  set('cpu', 'cpu.shares', cpuShares);
  set('cpu', 'cpu.cfs_period_us', cpuPeriod);
  set('cpu', 'cpu.cfs_quota_us', cpuQuota);
  set('cpuset', 'cpuset.cpus', cpusetCpus);
  set('cpuset', 'cpuset.mems', cpusetMems);
  const enter: string[] = [];
  const leave: string[] = [];
  const folders: string[] = [];
  for (const [controller, files] of groups) {
    const parent = join(ROOT, controller);
    const folder = join(parent, name);
    folders.push(folder);
    enter.push(`mkdir ${quote(folder)} || fail groups`);
    // A new cpuset is empty, and nothing can enter it before both of its files are set.
    if (controller === 'cpuset') {
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        enter.push(`cat ${quote(join(parent, file))} > ${quote(join(folder, file))}`);
    }
    for (const [file, value] of files) enter.push(write(join(folder, file), value));
    enter.push(write(join(folder, 'cgroup.procs'), '0'));
    leave.push(`echo 0 > ${quote(join(parent, 'cgroup.procs'))}; rmdir ${quote(folder)}`);
  }
  const remove = async (): Promise<void> => void (await Promise.all(folders.map(removeGroup)));
  return { enter, leave, remove };
}

function write(path: string, value: string): string {
  return `echo ${quote(value)} > ${quote(path)} || fail groups`;
}

/** Shares (2 to 262144) as a weight (1 to 10000): the conversion of the OCI runtimes. */
function weightOf(shares: number): number {
  return 1 + Math.floor(((Math.min(262_144, Math.max(2, shares)) - 2) * 9999) / 262_142);
}

/** A group is busy until the kernel has cleared away the last process that was killed in it. */
async function removeGroup(folder: string): Promise<void> {
  for (let waited = 0; waited < REMOVE_MS; waited += REMOVE_STEP_MS) {
    try {
      return await rmdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      await delay(REMOVE_STEP_MS);
    }
  }
}

const GROUP = /^slipway-(\d+)-/;

/** Takes away groups of processes that are no more. */
export async function sweepGroups(): Promise<void> {
  for (const parent of [ROOT, `${ROOT}/memory`, `${ROOT}/cpu`, `${ROOT}/cpuset`]) {
    for (const name of await readdir(parent).catch(() => [])) {
      const pid = GROUP.exec(name)?.[1];
      if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
      await rmdir(join(parent, name)).catch(() => undefined);
    }
  }
}
