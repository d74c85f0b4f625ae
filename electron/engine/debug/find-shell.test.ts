import { expect, test } from 'vitest';
import { memoryTree } from '../layer/memory-tree.ts';
import { findShell } from './find-shell.ts';

const PROGRAM = { file: 'elf', mode: 0o755 };

function shellOf(
  files: Parameters<typeof memoryTree>[0],
  args: readonly string[],
  path = '/opt/bin:/bin',
): readonly string[] {
  return findShell(memoryTree(files), { args, env: ['A=PATH=/x', `PATH=${path}`] });
}

test.each<[string, Parameters<typeof memoryTree>[0], readonly string[], readonly string[]]>([
  [
    'bash rather than the default',
    { 'bin/bash': PROGRAM, 'bin/sh': PROGRAM },
    ['/bin/sh', '-c', 'x'],
    ['/bin/bash'],
  ],
  ['sh where there is nothing else', { 'bin/sh': PROGRAM }, ['/bin/sh', '-c', 'x'], ['/bin/sh']],
  ['what SHELL names', { 'bin/bash': PROGRAM, 'bin/zsh': PROGRAM }, ['/bin/zsh', '-ec', 'x'], ['/bin/zsh']],
  [
    'what SHELL names without a folder',
    { 'opt/bin/fish': PROGRAM, 'bin/sh': PROGRAM },
    ['fish', '-c', 'x'],
    ['/opt/bin/fish'],
  ],
  ['not what SHELL names where it is gone', { 'bin/sh': PROGRAM }, ['/bin/bash', '-c', 'x'], ['/bin/sh']],
  ['not a program that is no shell', { 'bin/sh': PROGRAM, 'bin/wash': PROGRAM }, ['/bin/wash'], ['/bin/sh']],
  [
    'a link to one, inside the image',
    { 'bin/sh': { symlink: '../../usr/x' }, 'usr/x': PROGRAM },
    ['x'],
    ['/bin/sh'],
  ],
  ['busybox without its names', { 'bin/busybox': PROGRAM }, ['/a'], ['/bin/busybox', 'sh']],
])('%s', (_, files, args, shell) => {
  expect(shellOf(files, args)).toEqual(shell);
});

test.each<[string, Parameters<typeof memoryTree>[0]]>([
  ['nothing', {}],
  ['a folder', { 'bin/sh': { dir: true } }],
  ['a file that cannot be run', { 'bin/sh': 'text' }],
  ['a link to nowhere', { 'bin/sh': { symlink: '/none' } }],
  ['links in a circle', { 'bin/sh': { symlink: 'bash' }, 'bin/bash': { symlink: 'sh' } }],
])('%s is no shell', (_, files) => {
  expect(() => shellOf(files, ['/bin/sh', '-c', 'x'])).toThrow(
    expect.objectContaining({ code: 'SHELL_MISSING' }) as Error,
  );
});
