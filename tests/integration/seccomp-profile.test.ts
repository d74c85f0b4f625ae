import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { capabilitiesFor } from '../../electron/engine/executor/capabilities.ts';
import { seccompProfile, type SeccompRule } from '../../electron/engine/executor/seccomp.ts';

/**
 * Our profile held against the one that podman and buildah use (Debian's golang-github-containers-common), call by call, for
 * the same capabilities and architecture. Theirs began as Docker's and went its own way; where ours follows Docker's instead
 * the table says why. A newer profile of theirs may have fewer differences, never others.
 */

/** Those of a user who is root over a range, whatever the user of this test may. */
const RUN = capabilitiesFor(false, {
  ...{ kind: 'range', users: 65_536, groups: 65_536, firstUser: 1, firstGroup: 1 },
});
const POWERFUL = [
  ...[...RUN, 'CAP_SYS_ADMIN', 'CAP_SYS_MODULE', 'CAP_SYS_PTRACE', 'CAP_SYS_TIME', 'CAP_SYS_RAWIO'],
  ...['CAP_SYS_NICE', 'CAP_SYS_BOOT', 'CAP_SYSLOG', 'CAP_SYS_PACCT', 'CAP_DAC_READ_SEARCH'],
  ...['CAP_SYS_TTY_CONFIG', 'CAP_BPF', 'CAP_PERFMON'],
];

/** What ours refuses, or ties to arguments, and theirs allows; then the other way round. */
const STRICTER: Readonly<Record<string, string>> = {
  'namespaces and mounts: podman nests containers, a command of a Dockerfile has no business there':
    'clone clone3 unshare setns mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick pivot_root',
  'keys are shared by everything of one user, containers or not': 'keyctl',
  'other processes and the machine: with a capability only':
    'pidfd_getfd get_mempolicy mbind set_mempolicy reboot syslog kcmp process_madvise',
  'families by which the hypervisor and badly kept parts of the kernel are reached': 'socket',
  'calls of which no architecture here has more than the name':
    'readdir sigaction signal sigpending sigsuspend syscall timerfd',
  obsolete: 'query_module',
};
const LOOSER: Readonly<Record<string, string>> = {
  'newer than their profile': [
    'cachestat statmount listmount fchmodat2 getxattrat setxattrat listxattrat removexattrat mseal map_shadow_stack',
    'uretprobe futex_wait futex_waitv futex_wake futex_requeue riscv_hwprobe io_pgetevents io_pgetevents_time64',
    'set_mempolicy_home_node quotactl_fd lsm_get_self_attr lsm_set_self_attr lsm_list_modules',
  ].join(' '),
  'Docker allows it: pages of a pipe are the process’s own': 'vmsplice',
};

describe.each(['amd64', 'arm64'])('the seccomp profile on %s', (architecture) => {
  test.each([
    ['the capabilities of RUN', RUN],
    ['powerful ones', POWERFUL],
  ])('with %s', (_, capabilities) => {
    const ours = seccompProfile(architecture, capabilities, { architecture, kernel: '6.1.0' }).syscalls;
    const theirs = resolved(architecture, capabilities);
    const stricter = listed(STRICTER);
    const looser = listed(LOOSER);
    const unexplained: string[] = [];
    for (const name of new Set([...ours, ...theirs].flatMap(({ names }) => names))) {
      const [mine, other] = [verdict(ours, name), verdict(theirs, name)];
      if (mine === other) continue;
      const table = mine === ALWAYS || other === NEVER ? looser : stricter;
      if (!table.has(name)) unexplained.push(`${name}: ${mine} here, ${other} there`);
    }
    expect(unexplained).toEqual([]);
  });
});

const ALWAYS = 'always';
const NEVER = 'never';

/** Whether a call is allowed: always, never, or the arguments under which it is. */
function verdict(rules: readonly SeccompRule[], name: string): string {
  const allowing = rules.filter(({ names, action }) => action === 'SCMP_ACT_ALLOW' && names.includes(name));
  if (allowing.length === 0) return NEVER;
  const conditions = allowing.map(({ args = [] }) =>
    args.map(({ index, op, value, valueTwo = 0 }) => `${index} ${op} ${value} ${valueTwo}`).join(' and '),
  );
  return conditions.includes('') ? ALWAYS : conditions.sort().join(' or ');
}

interface PodmanRule extends SeccompRule {
  readonly includes?: { readonly arches?: readonly string[]; readonly caps?: readonly string[] };
  readonly excludes?: { readonly arches?: readonly string[]; readonly caps?: readonly string[] };
}

/** Their profile as containers-common resolves it: a rule holds where all that it includes, and nothing it excludes, is there. */
function resolved(architecture: string, capabilities: readonly string[]): readonly SeccompRule[] {
  const text = readFileSync('/usr/share/containers/seccomp.json', 'utf8');
  const { syscalls } = JSON.parse(text) as { readonly syscalls: readonly PodmanRule[] };
  const has = (capability: string): boolean => capabilities.includes(capability);
  return syscalls
    .filter(
      ({ includes, excludes }) =>
        (includes?.arches?.includes(architecture) ?? true) &&
        (includes?.caps?.every(has) ?? true) &&
        !excludes?.arches?.includes(architecture) &&
        !excludes?.caps?.some(has),
    )
    .map((rule) => ({ ...rule, args: rule.args ?? [] }));
}

function listed(table: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.values(table).flatMap((names) => names.split(' ')));
}
