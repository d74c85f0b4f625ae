import { release } from 'node:os';
import { hostPlatform } from '../image/platform.ts';
import { ALWAYS, BY_ARCHITECTURE, BY_CAPABILITY, TRACING } from './seccomp-names.ts';

/** One rule, as the runtime-spec writes it: `names` with arguments that fit all of `args` are treated by `action`. */
export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_LT' | 'SCMP_CMP_MASKED_EQ';
  }[];
}

export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  readonly architectures?: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

/** What the filter runs on. */
export interface Machine {
  /** In Go's terms. */
  readonly architecture: string;
  /** The kernel's release, as `6.1.0-18-amd64`. */
  readonly kernel: string;
}

const EPERM = 1;
/** The C library then falls back to clone, whose flags a filter can see. */
const ENOSYS = 38;

const ARCHITECTURES: Readonly<Record<string, string>> = {
  '386': 'SCMP_ARCH_X86',
  amd64: 'SCMP_ARCH_X86_64',
  arm: 'SCMP_ARCH_ARM',
  arm64: 'SCMP_ARCH_AARCH64',
  loong64: 'SCMP_ARCH_LOONGARCH64',
  mips64le: 'SCMP_ARCH_MIPSEL64',
  mipsle: 'SCMP_ARCH_MIPSEL',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390x: 'SCMP_ARCH_S390X',
};
/** The 32-bit programs that a machine's kernel runs itself. */
const COMPANIONS: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm', mips64le: 'mipsle' };

/** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}: flags by which clone makes namespaces. */
const NAMESPACE_FLAGS = 0x7e020000;
/** PER_LINUX and PER_LINUX32, both also with UNAME26, and the question for the present one. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];
/**
 * The families of sockets, all below AF_DECnet and these. Missing are AF_VSOCK and AF_ALG, by which a command could reach the
 * machine's hypervisor and a part of the kernel that was broken before, and those that hardly anybody keeps in order: DECnet,
 * Econet, ATM, IrDA, WANPIPE, mISDN and CAIF. What goes through socketcall, on 32-bit architectures, no filter can see.
 */
const FAMILIES = [
  ...[13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 39, 41, 42, 43, 44, 45],
];
const FAMILIES_BELOW = 12;

/**
 * The seccomp part of a runtime configuration (OCI runtime-spec 1.0.2, config-linux.md) for a command of an image of
 * `architecture` (in Go's terms) that has `capabilities`. It allows what Docker's default profile allows and refuses all else
 * with EPERM. The filter knows the machine's own architecture, and its 32-bit companion only for an image of that: each one
 * more is compiled anew for every command, which costs more than everything else about it. Programs of other architectures are
 * killed, or run by an emulator, which is a program of the machine's own.
 */
export function seccompProfile(
  architecture: string,
  capabilities: readonly string[],
  machine: Machine = thisMachine(),
): SeccompProfile {
  const own = ARCHITECTURES[machine.architecture];
  const companion =
    COMPANIONS[machine.architecture] === architecture ? ARCHITECTURES[architecture] : undefined;
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    ...(own === undefined ? {} : { architectures: companion === undefined ? [own] : [own, companion] }),
    syscalls: [
      allow([...new Set(allowedNames(capabilities, machine))]),
      ...(capabilities.includes('CAP_SYS_ADMIN') ? [] : withoutNamespaces(machine.architecture)),
      allow(['socket'], { index: 0, value: FAMILIES_BELOW, op: 'SCMP_CMP_LT' }),
      ...FAMILIES.map((value) => allow(['socket'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ...PERSONALITIES.map((value) => allow(['personality'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
    ],
  };
}

function allowedNames(capabilities: readonly string[], { architecture, kernel }: Machine): readonly string[] {
  return [
    ...ALWAYS,
    ...(isAtLeast(kernel, 4, 8) ? TRACING : []),
    ...(BY_ARCHITECTURE[architecture] ?? []),
    ...capabilities.flatMap((capability) => BY_CAPABILITY[capability] ?? []),
  ];
}

function withoutNamespaces(architecture: string): readonly SeccompRule[] {
  // The stack comes first there.
  const index = architecture === 's390x' ? 1 : 0;
  return [
    allow(['clone'], { index, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ];
}

function allow(names: readonly string[], ...args: NonNullable<SeccompRule['args']>): SeccompRule {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length === 0 ? {} : { args }) };
}

function isAtLeast(kernel: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function thisMachine(): Machine {
  return { architecture: hostPlatform().architecture, kernel: release() };
}
