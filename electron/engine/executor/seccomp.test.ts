import { describe, expect, test } from 'vitest';
import { seccompProfile, type Machine, type SeccompRule } from './seccomp.ts';

const AMD64: Machine = { architecture: 'amd64', kernel: '6.1.0-18-amd64' };

describe('a seccomp profile', () => {
  test('refuses with EPERM what it does not name', () => {
    const profile = seccompProfile('amd64', [], AMD64);
    expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 });
    const named = new Set(profile.syscalls.flatMap(({ names }) => names));
    for (const name of ['mount', 'unshare', 'setns', 'bpf', 'keyctl', 'io_uring_setup', 'chroot', 'reboot']) {
      expect(named).not.toContain(name);
    }
  });

  test.each([
    ['amd64', 'amd64', ['SCMP_ARCH_X86_64']],
    ['386', 'amd64', ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']],
    ['arm64', 'amd64', ['SCMP_ARCH_X86_64']],
    ['arm', 'arm64', ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']],
    ['386', 'arm64', ['SCMP_ARCH_AARCH64']],
    ['s390x', 's390x', ['SCMP_ARCH_S390X']],
  ])('an image for %s on %s', (image, architecture, architectures) => {
    const profile = seccompProfile(image, [], { ...AMD64, architecture });
    expect(profile.architectures).toEqual(architectures);
  });

  test('an architecture without a name here is left to the runtime', () => {
    expect(seccompProfile('vax', [], { ...AMD64, architecture: 'vax' })).not.toHaveProperty('architectures');
  });

  test('namespaces are made with CAP_SYS_ADMIN only, by flags that lie elsewhere on s390x', () => {
    expect(rules('clone', [])).toEqual([
      [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    ]);
    expect(rules('clone', [], { ...AMD64, architecture: 's390x' })[0]?.[0]).toMatchObject({ index: 1 });
    expect(rules('clone', ['CAP_SYS_ADMIN'])).toEqual([undefined]);
    const clone3 = seccompProfile('amd64', [], AMD64).syscalls.find(({ names }) => names.includes('clone3'));
    expect(clone3).toEqual({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
  });

  test('a capability opens what it is for', () => {
    expect(rules('chroot', [])).toEqual([]);
    expect(rules('chroot', ['CAP_SYS_CHROOT'])).toEqual([undefined]);
  });

  test.each([
    ['3.10.0', 0],
    ['4.7.10', 0],
    ['4.8.0', 1],
    ['4.15', 1],
    ['6.18.44-x', 1],
  ])('tracing on Linux %s', (kernel, count) => {
    expect(rules('ptrace', [], { ...AMD64, kernel })).toHaveLength(count);
  });

  test('only names that a runtime could know', () => {
    for (const { names } of seccompProfile('amd64', ['CAP_SYS_ADMIN'], AMD64).syscalls) {
      for (const name of names) expect(name).toMatch(/^[a-z0-9_]+$/);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

/** The conditions under which a call is allowed; undefined for none. */
function rules(
  name: string,
  capabilities: readonly string[],
  machine = AMD64,
): readonly SeccompRule['args'][] {
  return seccompProfile(machine.architecture, capabilities, machine)
    .syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW' && rule.names.includes(name))
    .map(({ args }) => args);
}
