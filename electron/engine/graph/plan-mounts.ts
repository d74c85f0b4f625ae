import { posix } from 'node:path';
import { EngineError } from '../base/errors.ts';
import type { Mount } from '../dockerfile/ast.ts';
import { parseByteSize } from '../dockerfile/byte-size.ts';
import { parseMount } from '../dockerfile/mounts.ts';
import { resolveWorkdir } from '../image/config.ts';
import type { RunConfig } from '../image/oci.ts';
import type { CacheMount, RunMount, SecretMount, TreeReference } from '../ops/definition.ts';

export interface MountContext {
  readonly config: RunConfig;
  readonly expand: (word: string) => string;
  /** The tree that `from` names; the planner notes what it has to wait for. */
  readonly tree: (from: string) => TreeReference;
}

/**
 * The mounts of a RUN: variables expanded, relative targets below WORKDIR, the defaults of each type filled in. Of several on one
 * target the last counts. Parents come before what is mounted in them. After the Dockerfile reference, "RUN --mount".
 * Fails with DOCKERFILE_MOUNT.
 */
export function planMounts(mounts: readonly Mount[], context: MountContext): readonly RunMount[] {
  let agents = 0;
  const planned = new Map<string, RunMount>();
  for (const { text } of mounts) {
    const mount = parseMount(text, mountError, context.expand);
    const made = planMount(mount, () => agents++, context);
    // A secret that is only a variable is in nobody's way.
    planned.set(made.target ?? `env ${text}`, made);
  }
  return [...planned.values()].sort((a, b) => compare(a.target ?? '', b.target ?? ''));
}

function planMount(mount: Mount, nextAgent: () => number, context: MountContext): RunMount {
  const target = (fallback: string): string => targetOf(mount.target ?? fallback, context.config);
  switch (mount.type) {
    case 'bind':
      return {
        type: 'bind',
        target: target(''),
        from: mount.from === undefined ? { kind: 'context' } : context.tree(mount.from),
        source: mount.source ?? '',
        readonly: mount.readonly ?? true,
      };
    case 'cache':
      return planCache(mount, target(''), context);
    case 'tmpfs': {
      const size = mount.size === undefined ? undefined : parseByteSize(mount.size);
      return { type: 'tmpfs', target: target(''), ...(size === undefined ? {} : { size }) };
    }
    case 'secret':
      return planSecret(mount, target);
    case 'ssh': {
      const number = nextAgent();
      return {
        type: 'ssh',
        id: mount.id ?? 'default',
        target: target(`/run/buildkit/ssh_agent.${number}`),
        required: mount.required ?? false,
        ...metadata(mount, 0o600),
      };
    }
  }
}

function planSecret(mount: Mount, target: (fallback: string) => string): SecretMount {
  const { env } = mount;
  const id = mount.id ?? mount.source ?? posix.basename(mount.target ?? '');
  if (id === '') throw mountError('A mount of type secret does not say which secret.', 'Add id=…');
  if (env !== undefined && !/^[^=\0]+$/.test(env)) {
    throw mountError('The mount option env is not the name of a variable.', 'Write for example env=TOKEN.');
  }
  const isFile = mount.target !== undefined || env === undefined;
  return {
    type: 'secret',
    id,
    ...(isFile ? { target: target(`/run/secrets/${posix.basename(id)}`) } : {}),
    ...(env === undefined ? {} : { env }),
    required: mount.required ?? false,
    ...metadata(mount, 0o400),
  };
}

function planCache(mount: Mount, target: string, context: MountContext): CacheMount {
  const { mode, uid, gid, from } = mount;
  const isOwned = mode !== undefined || uid !== undefined || gid !== undefined;
  return {
    type: 'cache',
    target,
    id: mount.id === undefined || mount.id === '' ? target : mount.id,
    sharing: (mount.sharing ?? 'shared') as CacheMount['sharing'],
    readonly: mount.readonly ?? false,
    ...(from === undefined || from === 'scratch' ? {} : { from: context.tree(from) }),
    source: mount.source ?? '',
    ...(isOwned ? { owner: metadata(mount, 0o755) } : {}),
  };
}

function metadata(
  { mode, uid, gid }: Mount,
  fallback: number,
): { readonly mode: number; readonly uid: number; readonly gid: number } {
  return {
    mode: mode === undefined ? fallback : Number.parseInt(mode, 8) & 0o7777,
    uid: Number(uid ?? 0),
    gid: Number(gid ?? 0),
  };
}

function targetOf(written: string, config: RunConfig): string {
  const target = resolveWorkdir(config, written);
  if (target !== '/') return target;
  throw mountError('A mount cannot have the root directory as its target.', 'Name a directory below it.');
}

function mountError(message: string, hint?: string): EngineError {
  return new EngineError('DOCKERFILE_MOUNT', message, { hint });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
