import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BindMount, RunMount, SecretMount, SshMount, TmpfsMount } from './definition.ts';
import { prepareBind } from './mount-bind.ts';
import { prepareCaches } from './mount-cache.ts';
import { prepareSecret } from './mount-secret.ts';
import { prepareSsh } from './mount-ssh.ts';
import type { OperationContext } from './operation.ts';
import { NOTHING_MADE, type MadeMounts, type PreparedMounts } from './run-mount.ts';

/**
 * The mounts of a RUN, parents before what lies below them. The key holds the options that the command can tell from each other and the
 * content of what does not change while it runs: never a secret, an agent, or what is in a cache. Fails as the files of the types say.
 */
export async function prepareMounts(
  mounts: readonly RunMount[],
  context: OperationContext,
): Promise<PreparedMounts> {
  const caches = mounts.filter((mount) => mount.type === 'cache');
  const others = mounts.filter((mount) => mount.type !== 'cache');
  const prepared = [
    // First, because they may have to be waited for.
    ...(caches.length === 0 ? [] : [await prepareCaches(caches, context)]),
    ...(await Promise.all(others.map((mount) => prepareOne(mount, context)))),
  ];
  return {
    options: prepared.flatMap(({ options }) => options),
    parts: prepared.flatMap(({ parts }) => parts),
    inputs: prepared.flatMap(({ inputs }) => inputs),
    make: (place) => makeAll(prepared, place),
  };
}

async function prepareOne(
  mount: BindMount | TmpfsMount | SecretMount | SshMount,
  context: OperationContext,
): Promise<PreparedMounts> {
  switch (mount.type) {
    case 'bind':
      return prepareBind(mount, context);
    case 'secret':
      return prepareSecret(mount, context);
    case 'ssh':
      return prepareSsh(mount, context);
    case 'tmpfs': {
      const { target, size } = mount;
      const made: MadeMounts = {
        mounts: [{ kind: 'tmpfs', target, ...(size === undefined ? {} : { size }) }],
      };
      return { options: [mount], parts: [], inputs: [], make: async () => made };
    }
  }
}

/** One after the other, each in a folder of its own below `place`. What was made is given up again where one fails. */
async function makeAll(prepared: readonly PreparedMounts[], place: string): Promise<MadeMounts> {
  const made: MadeMounts[] = [];
  const release = async (): Promise<void> => {
    for (const each of made.toReversed()) await each.release?.();
  };
  try {
    for (const [i, each] of prepared.entries()) made.push(await each.make(join(place, `${i}`)));
  } catch (error) {
    await release();
    throw error;
  }
  const mounts = made.flatMap((each) => each.mounts);
  return {
    mounts: mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1)),
    files: made.flatMap(({ files = [] }) => files),
    env: made.flatMap(({ env = [] }) => env),
    fallbackEnv: made.flatMap(({ fallbackEnv = [] }) => fallbackEnv),
    release,
  };
}

/** Makes the mounts, and takes them away again when `work` is done with them, also where it fails. */
export async function withMounts<T>(
  prepared: PreparedMounts,
  { store, executor }: OperationContext,
  work: (made: MadeMounts) => Promise<T>,
): Promise<T> {
  if (prepared.options.length === 0) return work(NOTHING_MADE);
  const place = store.blobs.ingestPath();
  await mkdir(place, { mode: 0o700 });
  try {
    const made = await prepared.make(place);
    try {
      return await work(made);
    } finally {
      await made.release?.();
    }
  } finally {
    await executor.remove(place);
  }
}

/** The variables of a step, each `NAME=value`, with those that its mounts bring. */
export function withVariables(
  own: readonly string[],
  { env = [], fallbackEnv = [] }: MadeMounts,
): readonly string[] {
  const pairs = [...fallbackEnv.toReversed(), ...own, ...env];
  return [...new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair])).values()];
}
