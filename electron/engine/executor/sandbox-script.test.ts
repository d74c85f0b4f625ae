import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { sandboxScript, type Sandbox } from './sandbox-script.ts';
import { quote } from './shell-quote.ts';

const SANDBOX: Sandbox = {
  place: "/store/it's here",
  identity: { kind: 'root' },
  runtime: { name: 'crun', path: '/usr/bin/crun' },
  containerId: 'c',
  lower: ['0', '1'],
  upper: '/upper',
  folders: [],
  stacks: [],
  walks: [],
  enterGroups: [],
  leaveGroups: [],
  changes: '/changes.tar',
  room: 1e12,
  terminal: false,
};

test.each(['plain', "it's", '$(touch /x) `y` "z" \\', '', 'line\nline', '-rf'])('%j is one word', (text) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quote(text)}`]).toString()).toBe(text);
});

describe('the script', () => {
  const users: Sandbox['identity'] = {
    kind: 'range',
    users: 65_536,
    groups: 65_536,
    firstUser: 1,
    firstGroup: 1,
  };
  test.each<[string, Partial<Sandbox>]>([
    ['of root', {}],
    ['of a user', { identity: users }],
    ['with runc', { runtime: { name: 'runc', path: '/usr/sbin/runc' } }],
    ['without overlays', { lower: undefined }],
    ['with mounts', { stacks: [{ folder: 'stack0', lower: ['0', '1'], readonly: true }] }],
    ['with folders', { folders: ['mnt', "it's"] }],
    ['with ways', { walks: [{ source: '/a', names: ["it's", '-x'], target: '/t' }] }],
    ['with a terminal', { terminal: true }],
    ['that keeps nothing', { changes: undefined }],
  ])('%s is one for the shell', (_, change) => {
    execFileSync('sh', ['-n', '-c', sandboxScript({ ...SANDBOX, ...change })]);
  });

  test('only the overlays of users keep their marks in attributes of users', () => {
    expect(sandboxScript(SANDBOX)).not.toContain('userxattr');
    expect(sandboxScript({ ...SANDBOX, identity: users })).toContain('userxattr,lowerdir=0:1');
  });

  test('no layer may redirect a look-up', () => {
    expect(sandboxScript(SANDBOX)).toContain('redirect_dir=nofollow,metacopy=off,index=off');
  });
});
