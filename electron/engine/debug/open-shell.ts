import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { identityTag } from '../base/identity.ts';
import { checkRoot } from '../executor/check-root.ts';
import type { Executor } from '../executor/executor.ts';
import type { ProcessIo } from '../executor/process-io.ts';
import type { LeftFiles } from '../executor/run-process.ts';
import type { ExtraMount } from '../executor/runtime-spec.ts';
import type { Layer, LayerStack } from '../layer/layer.ts';
import type { KeptDetails, KeptMount } from '../ops/kept-details.ts';
import { rootFs } from '../solver/root-fs.ts';
import type { Lease, Store } from '../store/store.ts';
import { findShell } from './find-shell.ts';
import { leftTree } from './left-tree.ts';

export interface ShellOptions {
  /** With the files as the command found them, or as it left them; those are then changed, and stay so for the next shell. */
  readonly when: 'before' | 'after';
  /** As root instead of the step's user. */
  readonly root?: boolean | undefined;
  /** What is run instead of a shell. */
  readonly command?: readonly string[] | undefined;
  readonly io: ProcessIo;
}

export interface ShellServices {
  readonly store: Store;
  readonly executor: Executor;
}

type Kept = ReturnType<Store['kept']['list']>[number];

/**
 * Runs a shell, or another command, where a step failed: its layers, user, working directory, variables, network and those mounts that can
 * be had again. Answers its exit code. Nothing that it does gets into an image. Fails with SHELL_IN_USE, SHELL_MISSING, SHELL_LAYER_GONE,
 * SHELL_OTHER_USER, and as Executor.run does.
 */
export async function openShell(
  kept: Kept,
  { when, root = false, command, io }: ShellOptions,
  { store, executor }: ShellServices,
  signal: AbortSignal,
): Promise<number> {
  const details = JSON.parse(kept.details) as KeptDetails;
  using lease = store.lease('debug');
  const base = stackOf(kept.layers, `"${details.name}"`, store, lease);
  const left = when === 'after' ? await leftFiles(kept, details, executor) : undefined;
  const use = left && takeUse(kept, store);
  const place = store.blobs.ingestPath();
  try {
    await mkdir(place, { mode: 0o700 });
    const tree = left ? leftTree(await base.view(), left) : await base.view();
    checkRoot(tree);
    const { script, env, cwd, network, insecure, architecture, sandbox } = details;
    const end = await executor.run(
      {
        ...{ base, place, io },
        ...(left ? { left } : {}),
        files: script === undefined ? [] : [{ name: 'script', data: script.text, mode: 0o755 }],
        request: {
          ...{ cwd, network, insecure, sandbox },
          ...(architecture === undefined ? {} : { architecture }),
          args: command ?? findShell(tree, details),
          env: withTerminal(env, io),
          user: root ? { uid: 0, gid: 0, additionalGids: [0] } : details.user,
          mounts: [
            ...(script === undefined
              ? []
              : [{ kind: 'bundle' as const, name: 'script', target: script.path }]),
            ...details.mounts.flatMap((mount) => mountAgain(mount, kept, store, lease)),
          ],
        },
      },
      signal,
    );
    return end.code ?? 137;
  } finally {
    await executor.remove(place);
    use?.release();
  }
}

/** Leased before it is looked for, so that nobody collects a layer meanwhile. */
function stackOf(diffIds: readonly Digest[], label: string, store: Store, lease: Lease): LayerStack {
  lease.add(...diffIds);
  const layers = diffIds.map((diffId): Layer => {
    const layer = store.layers.get(diffId);
    if (layer) return layer;
    throw new EngineError('SHELL_LAYER_GONE', `A layer that ${label} lies on is not in the store any more.`, {
      hint: 'Build again, and open a shell in the step that fails then.',
    });
  });
  lease.add(...layers.map(({ blob }) => blob.digest));
  return rootFs(layers, label, store);
}

async function leftFiles(
  { path }: Kept,
  { form, identity }: KeptDetails,
  executor: Executor,
): Promise<LeftFiles> {
  if (identity !== identityTag(await executor.identity())) {
    throw new EngineError('SHELL_OTHER_USER', 'The files of the step belong to users that you are not now.', {
      hint: 'Open the shell as who built, or look at the files as they were before, with --before.',
    });
  }
  return { form, path: join(path, form === 'upper' ? 'upper' : 'rootfs') };
}

function takeUse({ buildId, step }: Kept, store: Store): { release(): void } {
  const use = store.kept.use(buildId, step);
  if (use) return use;
  throw new EngineError('SHELL_IN_USE', 'Another shell is open in this step.', {
    hint: 'Close it first, or open one with the files as they were before, with --before.',
  });
}

/** A mount as the step had it; nothing where its folder is gone. */
function mountAgain(mount: KeptMount, { path }: Kept, store: Store, lease: Lease): readonly ExtraMount[] {
  switch (mount.kind) {
    case 'tmpfs':
      return [mount];
    case 'stack': {
      const { layers, ...rest } = mount;
      return [{ ...rest, stack: stackOf(layers, `the mount on ${mount.target}`, store, lease) }];
    }
    case 'bind': {
      const { of, source: name, ...rest } = mount;
      const source = join(of === 'store' ? store.root : path, name);
      return existsSync(source) ? [{ ...rest, source }] : [];
    }
  }
}

/** Programs ask what kind of terminal they have. */
function withTerminal(env: readonly string[], io: ProcessIo): readonly string[] {
  if (io.kind === 'streams' || env.some((pair) => pair.startsWith('TERM='))) return env;
  return [...env, `TERM=${(io.kind === 'terminal' && process.env['TERM']) || 'xterm-256color'}`];
}
