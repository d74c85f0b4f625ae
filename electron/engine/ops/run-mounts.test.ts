import { describe, expect, test } from 'vitest';
import type { Identity } from '../base/identity.ts';
import { memoryTree, type MemoryNode } from '../layer/memory-tree.ts';
import type { LayerStack } from '../layer/layer.ts';
import type { RunMount } from './definition.ts';
import type { OperationContext } from './operation.ts';
import type { MadeMounts } from './run-mount.ts';
import { prepareMounts, withVariables } from './run-mounts.ts';
import type { RunResources } from './run-resources.ts';

type Nodes = Readonly<Record<string, MemoryNode>>;

const STACK: LayerStack = { layers: [], view: async () => memoryTree({}) };

interface Given {
  readonly source?: Nodes;
  readonly secrets?: Readonly<Record<string, string | Uint8Array>>;
  readonly identity?: Identity;
}

/** What the mounts use of their context; stages are stacks of layers, the context is none. */
function contextOf({ source = {}, secrets = {}, identity = { kind: 'root' } }: Given = {}): OperationContext {
  const resources: Partial<RunResources> = {
    secrets: new Map(Object.entries(secrets).map(([id, value]) => [id, Buffer.from(value)])),
    agents: { has: () => false, connect: () => Promise.reject(new Error()), close: async () => undefined },
  };
  const context: Partial<Record<keyof OperationContext, unknown>> = {
    tree: async () => memoryTree(source),
    layers: ({ kind }: { readonly kind: string }) => (kind === 'context' ? undefined : STACK),
    isIgnored: () => false,
    step: {
      id: '1',
      name: 'RUN',
      file: 'Dockerfile',
      range: { startLine: 3, endLine: 3, startColumn: 0, endColumn: 0 },
    },
    signal: new AbortController().signal,
    executor: { identity: async () => identity },
    resources,
  };
  return context as unknown as OperationContext;
}

/** What is in the key, names of the parts aside. */
async function keyOf(mount: RunMount, given?: Given): Promise<unknown> {
  const { options, parts } = await prepareMounts([mount], contextOf(given));
  return { options, values: parts.map(({ kind, value }) => [kind, value]) };
}

async function make(mounts: readonly RunMount[], given?: Given): Promise<MadeMounts> {
  return (await prepareMounts(mounts, contextOf(given))).make('/place');
}

const OWNER = { uid: 0, gid: 0 };
const bind: RunMount = {
  type: 'bind',
  target: '/in',
  from: { kind: 'context' },
  source: 'd',
  readonly: true,
};
const cache: RunMount = {
  type: 'cache',
  target: '/c',
  id: '/c',
  sharing: 'shared',
  readonly: false,
  source: '',
};
const secret: RunMount = {
  type: 'secret',
  id: 's',
  target: '/run/secrets/s',
  required: false,
  mode: 0o400,
  ...OWNER,
};
const ssh: RunMount = { type: 'ssh', id: 'default', target: '/a', required: false, mode: 0o600, ...OWNER };
const tmpfs: RunMount = { type: 'tmpfs', target: '/t', size: 1 };
const files: Nodes = {
  'd/a': 'a',
  'd/b': 'b',
  other: 'o',
  moved: { dir: true },
  'moved/a': 'a',
  'moved/b': 'b',
};

describe('what changes the key', () => {
  test.each<[string, RunMount, RunMount, Nodes?]>([
    ['target of a bind', bind, { ...bind, target: '/x' }],
    ['bind that can be written to', bind, { ...bind, readonly: false }],
    ['bytes', bind, bind, { ...files, 'd/a': 'A' }],
    ['a new file', bind, bind, { ...files, 'd/c': '' }],
    ['mode of a file', bind, bind, { ...files, 'd/a': { file: 'a', mode: 0o755 } }],
    ['mode of the folder', bind, bind, { d: { dir: true, mode: 0o700 }, ...files }],
    ['a file for a folder', bind, { ...bind, source: 'd/a' }],
    ['target of a cache', cache, { ...cache, target: '/x' }],
    ['part of a cache', cache, { ...cache, source: 'x' }],
    ['owner of a cache', cache, { ...cache, owner: { mode: 0o755, ...OWNER } }],
    ['cache that cannot be written to', cache, { ...cache, readonly: true }],
    ['first content of a cache', cache, { ...cache, from: { kind: 'context' } }],
    ['id of a secret', secret, { ...secret, id: 't' }],
    ['variable of a secret', secret, { ...secret, env: 'S' }],
    ['mode of a secret', secret, { ...secret, mode: 0o444 }],
    ['whether a secret is required', secret, { ...secret, required: true }],
    ['id of an agent', ssh, { ...ssh, id: 'x' }],
    ['owner of an agent', ssh, { ...ssh, uid: 5 }],
    ['size of a tmpfs', tmpfs, { ...tmpfs, size: 2 }],
  ])('%s', async (_, before, after, source = files) => {
    expect(await keyOf(after, { source })).not.toEqual(await keyOf(before, { source: files }));
  });
});

describe('what does not', () => {
  test.each<[string, RunMount, RunMount, Nodes?]>([
    ['files that are not shown', bind, bind, { ...files, other: 'x' }],
    ['times', bind, bind, { ...files, 'd/a': { file: 'a', mtime: 9 } }],
    ['where equal files come from', bind, { ...bind, source: 'moved/' }],
    ['which tree they are of', bind, { ...bind, from: { kind: 'stage', stage: 0 } }],
    ['name of a file that is shown', { ...bind, source: 'd/a' }, { ...bind, source: 'moved/a' }],
    ['id of a cache', cache, { ...cache, id: 'x' }],
    ['how a cache is shared', cache, { ...cache, sharing: 'locked' }],
  ])('%s', async (_, before, after, source = files) => {
    expect(await keyOf(after, { source })).toEqual(await keyOf(before, { source: files }));
  });

  test('the value of a secret, and whether there is one', async () => {
    const key = await keyOf(secret, { secrets: { s: 'S3CR3T' } });
    expect(key).toEqual(await keyOf(secret, { secrets: { s: 'other' } }));
    expect(key).toEqual(await keyOf(secret));
    expect(JSON.stringify(key)).not.toContain('S3CR3T');
  });
});

describe('what a process gets', () => {
  test('of a stage its layers, at the path that links lead to inside it', async () => {
    const source: Nodes = { 'real/d/x': 'x', link: { symlink: '/real' }, up: { symlink: '../../../real/d' } };
    const from = { kind: 'stage', stage: 0 } as const;
    for (const path of ['link/d', '../link/./d/', 'up']) {
      const { mounts } = await make([{ ...bind, from, source: path }], { source });
      expect(mounts).toEqual([
        { kind: 'stack', stack: STACK, path: 'real/d', target: '/in', readonly: true },
      ]);
    }
  });

  test('parents before what lies in them, whatever has to be made first', async () => {
    const from = { kind: 'stage', stage: 0 } as const;
    const { mounts } = await make([{ ...tmpfs, target: '/in/t' }, { ...bind, from, source: '' }, secret], {
      source: { x: '' },
      secrets: { s: '' },
    });
    expect(mounts.map(({ target }) => target)).toEqual(['/in', '/in/t', '/run/secrets/s']);
  });

  test('a secret as a file of the bundle and as a variable, with its owner', async () => {
    const made = await make([{ ...secret, env: 'S', uid: 7, mode: 0o440 }], { secrets: { s: 'v=1' } });
    expect(made.files).toMatchObject([{ data: Buffer.from('v=1'), mode: 0o440, uid: 7, gid: 0 }]);
    expect(made.mounts).toEqual([{ kind: 'bundle', name: made.files![0]!.name, target: '/run/secrets/s' }]);
    expect(made.env).toEqual(['S=v=1']);
  });

  test('nothing of a secret or an agent that the build was not given', async () => {
    expect(await make([secret, ssh])).toMatchObject({ mounts: [], files: [], env: [], fallbackEnv: [] });
  });

  test.each<[string, RunMount, Given, object]>([
    ['a required secret', { ...secret, required: true }, {}, { code: 'RUN_SECRET_MISSING' }],
    [
      'a required agent',
      { ...ssh, required: true },
      {},
      { code: 'RUN_SSH_MISSING', hint: 'Give it with --ssh default.' },
    ],
    [
      'a secret that is no text',
      { ...secret, env: 'S' },
      { secrets: { s: Uint8Array.of(0xff) } },
      { code: 'RUN_SECRET_NOT_TEXT' },
    ],
    [
      'a secret with a zero byte',
      { ...secret, env: 'S' },
      { secrets: { s: 'a\0' } },
      { code: 'RUN_SECRET_NOT_TEXT' },
    ],
    [
      'an owner out of reach',
      { ...secret, uid: 70_000 },
      {
        secrets: { s: '' },
        identity: { kind: 'range', users: 65_537, groups: 65_537, firstUser: 1, firstGroup: 1 },
      },
      { code: 'RUN_OWNER_UNMAPPED' },
    ],
  ])('%s is an error', async (_, mount, given, expected) => {
    await expect(make([mount], given)).rejects.toMatchObject(expected);
  });

  test('a source that is not there is named with its line; links never lead out', async () => {
    const source: Nodes = { d: { dir: true }, out: { symlink: '/etc/passwd' }, sock: { socket: true } };
    for (const path of ['nothing', 'out', 'sock', '../../etc/passwd']) {
      await expect(keyOf({ ...bind, source: path }, { source })).rejects.toMatchObject({
        code: 'COPY_SOURCE_NOT_FOUND',
        range: { startLine: 3 },
      });
    }
  });
});

test('variables of mounts: secrets replace, the first agent fills in', () => {
  const made = { mounts: [], env: ['A=secret'], fallbackEnv: ['SSH_AUTH_SOCK=/0', 'SSH_AUTH_SOCK=/1'] };
  expect([...withVariables(['A=1', 'B=2'], made)].sort()).toEqual(['A=secret', 'B=2', 'SSH_AUTH_SOCK=/0']);
  expect(withVariables(['SSH_AUTH_SOCK=/mine'], made)).toContain('SSH_AUTH_SOCK=/mine');
});
