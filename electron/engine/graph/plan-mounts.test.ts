import { describe, expect, test } from 'vitest';
import { parseDockerfile } from '../dockerfile/parse.ts';
import type { RunInstruction } from '../dockerfile/ast.ts';
import type { RunMount } from '../ops/definition.ts';
import { planMounts } from './plan-mounts.ts';

const variables: Readonly<Record<string, string>> = { D: '/deps', N: 'npm', EMPTY: '' };

function plan(flags: string, WorkingDir = '/w'): readonly RunMount[] {
  const dockerfile = parseDockerfile(`FROM scratch\nRUN ${flags} true`, 'Dockerfile');
  const { mounts } = dockerfile.stages[0]!.instructions[0] as RunInstruction;
  return planMounts(mounts, {
    config: { WorkingDir },
    expand: (word) => word.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? ''),
    tree: (from) => ({ kind: 'named', name: from }),
  });
}

const CACHE = { type: 'cache', readonly: false, sharing: 'shared', source: '' };
const SECRET = { type: 'secret', required: false, mode: 0o400, uid: 0, gid: 0 };
const SSH = { type: 'ssh', id: 'default', required: false, mode: 0o600, uid: 0, gid: 0 };

describe('defaults and options', () => {
  test.each<[string, object]>([
    [
      '--mount=target=/x',
      { type: 'bind', target: '/x', from: { kind: 'context' }, source: '', readonly: true },
    ],
    [
      '--mount=type=bind,src=a,dst=b,rw,from=base',
      {
        type: 'bind',
        target: '/w/b',
        from: { kind: 'named', name: 'base' },
        source: 'a',
        readonly: false,
      },
    ],
    [
      '--mount=type=bind',
      { type: 'bind', target: '/w', from: { kind: 'context' }, source: '', readonly: true },
    ],
    ['--mount=type=cache,target=/c/', { ...CACHE, target: '/c', id: '/c' }],
    [
      '--mount=type=cache,target=$D,id=$N,sharing=LOCKED,ro,uid=7,source=s,from=base',
      {
        ...CACHE,
        target: '/deps',
        id: 'npm',
        sharing: 'locked',
        readonly: true,
        from: { kind: 'named', name: 'base' },
        source: 's',
        owner: { mode: 0o755, uid: 7, gid: 0 },
      },
    ],
    ['--mount=type=cache,target=/c,id=$EMPTY,from=scratch', { ...CACHE, target: '/c', id: '/c' }],
    [
      '--mount=type=cache,target=/c,mode=1777',
      { ...CACHE, target: '/c', id: '/c', owner: { mode: 0o1777, uid: 0, gid: 0 } },
    ],
    ['--mount=type=tmpfs,target=t', { type: 'tmpfs', target: '/w/t' }],
    ['--mount=type=tmpfs,target=/t,size=2m', { type: 'tmpfs', target: '/t', size: 2 << 20 }],
    ['--mount=type=secret,id=a/b', { ...SECRET, id: 'a/b', target: '/run/secrets/b' }],
    ['--mount=type=secret,target=/etc/npmrc', { ...SECRET, id: 'npmrc', target: '/etc/npmrc' }],
    ['--mount=type=secret,id=t,env=TOKEN,required', { ...SECRET, id: 't', env: 'TOKEN', required: true }],
    [
      '--mount=type=secret,source=t,env=TOKEN,target=f,mode=0444,gid=9',
      { ...SECRET, id: 't', env: 'TOKEN', target: '/w/f', mode: 0o444, gid: 9 },
    ],
    ['--mount=type=ssh', { ...SSH, target: '/run/buildkit/ssh_agent.0' }],
    [
      '--mount=type=ssh,id=k,target=/s,required,uid=5',
      { ...SSH, id: 'k', target: '/s', required: true, uid: 5 },
    ],
  ])('%s', (flags, expected) => {
    expect(plan(flags)).toEqual([expected]);
  });
});

test('of several on one target the last counts; parents come first', () => {
  const targets = plan(
    '--mount=type=tmpfs,target=/a/b/c --mount=type=tmpfs,target=/a --mount=type=tmpfs,target=/a-b --mount=type=cache,target=/a/b/../b/c',
  ).map(({ type, target }) => [type, target]);
  expect(targets).toEqual([
    ['tmpfs', '/a'],
    ['tmpfs', '/a-b'],
    ['cache', '/a/b/c'],
  ]);
});

test('secrets that are variables are in nobody’s way; agents are counted', () => {
  expect(plan('--mount=type=secret,id=a,env=A --mount=type=secret,id=b,env=B')).toHaveLength(2);
  expect(plan('--mount=type=ssh --mount=type=ssh,id=b').map(({ target }) => target)).toEqual([
    '/run/buildkit/ssh_agent.0',
    '/run/buildkit/ssh_agent.1',
  ]);
});

test.each([
  ['--mount=target=.', '/', /root directory/],
  ['--mount=target=..', '/w', /root directory/],
  ['--mount=target=$D/..', '/w', /root directory/],
  ['--mount=type=secret,id=$EMPTY', '/w', /which secret/],
  ['--mount=type=secret,id=a,env=A=B', '/w', /name of a variable/],
  ['--mount=type=secret,id=a,env=$EMPTY', '/w', /name of a variable/],
  ['--mount=type=cache,target=/c,mode=$N', '/w', /octal/],
])('%s in %s is refused', (flags, workdir, message) => {
  expect(() => plan(flags, workdir)).toThrow(message);
});
