import { describe, expect, test } from 'vitest';
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  matchPlatform,
  normalizePlatform,
  parsePlatform,
} from './platform.ts';

const HOST = { os: 'linux', architecture: 'amd64' };

describe('platforms', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['Linux/AMD64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm64/v9', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/arm/v5', 'linux/arm/v5'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i386', 'linux/386'],
    ['linux/s390x', 'linux/s390x'],
    ['macos/arm64', 'darwin/arm64'],
    ['windows/amd64', 'windows/amd64'],
    ['linux', 'linux/amd64'],
    ['windows', 'windows/amd64'],
    ['macos', 'darwin/amd64'],
    ['arm64', 'linux/arm64'],
    ['arm', 'linux/arm/v7'],
    ['aarch64', 'linux/arm64'],
  ])('%s is %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text, HOST))).toBe(expected);
  });

  test.each([
    '',
    '/',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'linux amd64',
    'pdp11',
    'linux/\u202e',
    'x'.repeat(65),
  ])('refuses %j', (text) => {
    expect(() => parsePlatform(text, HOST)).toThrowError(
      expect.objectContaining({ code: 'PLATFORM_INVALID' }),
    );
  });

  test.each([
    ['x64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['arm', 'linux/arm/v7'],
    ['ia32', 'linux/386'],
    ['ppc64', 'linux/ppc64le'],
    ['riscv64', 'linux/riscv64'],
  ])('a host with Node for %s builds for %s', (node, expected) => {
    expect(formatPlatform(hostPlatform(node))).toBe(expected);
  });

  test.each([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/386', true],
    ['linux/386', 'linux/amd64', false],
    ['linux/amd64', 'linux/arm64', false],
    ['linux/amd64', 'windows/amd64', false],
    ['linux/amd64', 'linux/amd64/v2', false],
    ['linux/amd64/v3', 'linux/amd64/v2', true],
    ['linux/amd64/v3', 'linux/amd64', true],
    ['linux/arm/v7', 'linux/arm/v6', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64', 'linux/arm/v7', true],
    ['linux/arm64/v9', 'linux/arm64', true],
  ])('on %s an image for %s runs: %s', (wanted, offered, expected) => {
    expect(matchPlatform(parsePlatform(wanted), parsePlatform(offered))).toBe(expected);
  });

  test('the nearest offer is chosen', () => {
    const offers = ['linux/arm/v5', 'linux/386', 'linux/arm/v6', 'linux/amd64'].map((text) =>
      parsePlatform(text),
    );
    const choose = (wanted: string): number | undefined => choosePlatform(parsePlatform(wanted), offers);
    expect(choose('linux/arm/v7')).toBe(2);
    expect(choose('linux/amd64')).toBe(3);
    expect(choose('linux/s390x')).toBeUndefined();
  });

  test('members beside the names are kept', () => {
    const windows = { os: 'windows', architecture: 'x86_64', 'os.version': '10.0.1' };
    expect(normalizePlatform(windows)).toEqual({ ...windows, architecture: 'amd64' });
  });
});
