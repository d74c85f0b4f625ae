import { lstat, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Digest } from '../base/digest.ts';
import { spaceOf } from '../base/free-space.ts';
import { identityTag } from '../base/identity.ts';
import type { RunEnd } from '../executor/run-process.ts';
import type { ExtraMount, ProcessRequest } from '../executor/runtime-spec.ts';
import type { RunDefinition } from './definition.ts';
import type { KeptDetails, KeptMount } from './kept-details.ts';
import type { OperationContext } from './operation.ts';

/** A run that ended with another code than 0. */
export interface FailedRun {
  /** The variables of the Dockerfile alone: others may hold secrets. */
  readonly env: readonly string[];
  readonly script: RunDefinition['script'];
  /** Its mounts of files of the bundle, secrets among them, are not kept, nor are variables that only it has. */
  readonly request: ProcessRequest;
  readonly exitCode: number;
  readonly form: RunEnd['form'];
  /** Where it ran, as RunProcessOptions has it; it is moved away. */
  readonly place: string;
}

/** The part of the disk that must be free for anything to be kept. */
const KEPT_FREE = 0.05;

/**
 * Keeps what a failed command left, and all that is needed to open a shell there, until the next build of the project. Never
 * fails.
 */
export async function keepFailed(run: FailedRun, context: OperationContext): Promise<void> {
  try {
    const { free, total } = await spaceOf(context.store.root);
    // What may be what fills the disk would leave no room for the next build, with which it goes.
    if (free < total * KEPT_FREE) return;
    await keep(run, context);
  } catch {
    // On a full disk, say. What the command did wrong matters more.
  }
}

async function keep(run: FailedRun, context: OperationContext): Promise<void> {
  const { env, script, request, place, exitCode, form } = run;
  const { store, executor, step, base, build, now } = context;
  const wanted = form === 'upper' ? 'upper' : 'rootfs';
  for (const name of await readdir(place)) if (name !== wanted) await executor.remove(join(place, name));
  const mounts: KeptMount[] = [];
  const layers = new Set<Digest>();
  for (const [i, mount] of request.mounts.entries()) {
    if (mount.kind === 'stack') for (const { diffId } of mount.stack.layers) layers.add(diffId);
    const kept = await keepMount(mount, join(place, `mount${i}`), store.root);
    if (kept) mounts.push(kept);
  }
  const { args, cwd, user, network, insecure, architecture, sandbox } = request;
  const details: KeptDetails = {
    ...{ name: step.name, file: step.file, range: step.range, exitCode },
    ...{ args, env, cwd, user, network, insecure, sandbox, form, mounts },
    identity: identityTag(await executor.identity()),
    ...(architecture === undefined ? {} : { architecture }),
    ...(script === undefined ? {} : { script }),
  };
  await store.kept.put(
    {
      ...{ buildId: build.id, project: build.project, step: step.id, keptAt: now().getTime() },
      layers: base.layers.map(({ diffId }) => diffId),
      alsoReads: [...layers],
      details: JSON.stringify(details),
    },
    place,
  );
}

/** A mount as it can be made again; what was made for this step only is moved to `folder`. */
async function keepMount(mount: ExtraMount, folder: string, root: string): Promise<KeptMount | undefined> {
  switch (mount.kind) {
    case 'bundle':
      return undefined;
    case 'tmpfs':
      return mount;
    case 'stack': {
      const { stack, ...rest } = mount;
      return { ...rest, layers: stack.layers.map(({ diffId }) => diffId) };
    }
    case 'bind': {
      const within = relative(root, mount.source);
      if (within.startsWith('..')) return undefined;
      if (!within.startsWith(`ingest${sep}`)) return { ...mount, of: 'store', source: within };
      // What listens at a socket ends with the step.
      if ((await lstat(mount.source)).isSocket()) return undefined;
      await rename(dirname(mount.source), folder);
      return { ...mount, of: 'kept', source: join(basename(folder), basename(mount.source)) };
    }
  }
}
