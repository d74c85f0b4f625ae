import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import type { Platform } from './oci.ts';

/**
 * Platforms as `os/architecture[/variant]`, with the names Go uses for both (OCI image index, `platform`). What counts as
 * equal and what may stand in for what follows containerd's platforms package.
 */

const OPERATING_SYSTEMS = new Set(
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows'.split(
    ' ',
  ),
);
const ARCHITECTURES = new Set(
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm'.split(' '),
);
const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

/**
 * Reads `linux/arm64`, `linux/arm/v7`, or one part alone (`linux`, `arm64`), whose other part is the host's.
 * Fails with PLATFORM_INVALID.
 */
export function parsePlatform(text: string, host: Platform = hostPlatform()): Platform {
  const parts = text.trim().toLowerCase().split('/');
  if (text.length > 64 || parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) {
    throw new EngineError(
      'PLATFORM_INVALID',
      `Platform ${quoteForMessage(text)} is not written as os/architecture.`,
      {
        hint: 'Write for example linux/amd64 or linux/arm/v7.',
      },
    );
  }
  const [first, second, variant] = parts as [string, string?, string?];
  if (second === undefined) {
    if (isOperatingSystem(first)) return { ...host, os: first === 'macos' ? 'darwin' : first };
    const platform = normalizePlatform({ os: host.os, architecture: first });
    if (ARCHITECTURES.has(platform.architecture)) return platform;
    throw new EngineError('PLATFORM_INVALID', `Platform "${first}" is no operating system or architecture.`, {
      hint: 'Write for example linux/amd64.',
    });
  }
  return normalizePlatform({
    os: first,
    architecture: second,
    ...(variant === undefined ? {} : { variant }),
  });
}

/** `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

/** The one spelling of a platform: `x86_64` → `amd64`, `aarch64` and `arm64/v8` → `arm64`, `arm` → `arm/v7`, `macos` → `darwin`. */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: written, ...rest } = platform;
  const os = platform.os.toLowerCase();
  const { architecture, variant } = normalizeArchitecture(
    platform.architecture.toLowerCase(),
    (written ?? '').toLowerCase(),
  );
  return {
    ...rest,
    os: os === 'macos' ? 'darwin' : os,
    architecture,
    ...(variant === '' ? {} : { variant }),
  };
}

/** What is built when nothing is said: Linux on this machine's architecture (images of other systems are not run here). */
export function hostPlatform(nodeArchitecture: string = process.arch): Platform {
  const architecture = NODE_ARCHITECTURES[nodeArchitecture] ?? nodeArchitecture;
  return normalizePlatform({ os: 'linux', architecture });
}

/** Whether an image for `offered` runs where `wanted` is asked for: the same, or an older variant of it. */
export function matchPlatform(wanted: Platform, offered: Platform): boolean {
  return platformRank(wanted, offered) !== undefined;
}

/** The index of the best of several offers, the first of equals; undefined where none fits. */
export function choosePlatform(wanted: Platform, offers: readonly Platform[]): number | undefined {
  let best: { readonly index: number; readonly rank: number } | undefined;
  offers.forEach((offer, index) => {
    const rank = platformRank(wanted, offer);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { index, rank };
  });
  return best?.index;
}

function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const offer = normalizePlatform(offered);
  const wish = normalizePlatform(wanted);
  if (offer.os !== wish.os) return undefined;
  const name = (architecture: string, variant = ''): string => `${architecture}/${variant}`;
  const rank = standIns(wish)
    .map(({ architecture, variant }) => name(architecture, variant))
    .indexOf(name(offer.architecture, offer.variant));
  return rank < 0 ? undefined : rank;
}

/** What runs on a platform, best first: `amd64/v3` runs v2, plain amd64 and 386; `arm/v7` runs v6 and v5; arm64 runs arm. */
function standIns({ architecture, variant }: Platform): readonly Omit<Platform, 'os'>[] {
  const version = Number(/^v(\d+)/.exec(variant ?? '')?.[1] ?? Number.NaN);
  const down = (from: number, to: number): readonly Omit<Platform, 'os'>[] =>
    Array.from({ length: Math.max(0, from - to + 1) }, (_, i) => ({ architecture, variant: `v${from - i}` }));
  const own = variant === undefined ? { architecture } : { architecture, variant };
  if (architecture === 'amd64') {
    const older = Number.isNaN(version) ? [] : [...down(version - 1, 2), { architecture }];
    return [own, ...older, { architecture: '386' }];
  }
  if (architecture === 'arm') return [own, ...(Number.isNaN(version) ? [] : down(version - 1, 5))];
  if (architecture === 'arm64') {
    const plain = variant === undefined ? [] : [{ architecture }];
    return [own, ...plain, ...standIns({ os: '', architecture: 'arm', variant: 'v8' })];
  }
  return [own];
}

function normalizeArchitecture(
  architecture: string,
  variant: string,
): { architecture: string; variant: string } {
  switch (architecture) {
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant };
    case 'i386':
    case 'i686':
      return { architecture: '386', variant: '' };
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: variant === '8' || variant === 'v8' ? '' : variant };
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' };
    case 'armel':
      return { architecture: 'arm', variant: 'v6' };
    case 'arm':
      return {
        architecture,
        variant: variant === '' ? 'v7' : /^\d+$/.test(variant) ? `v${variant}` : variant,
      };
    default:
      return { architecture, variant };
  }
}

function isOperatingSystem(name: string): boolean {
  return OPERATING_SYSTEMS.has(name) || name === 'macos';
}
