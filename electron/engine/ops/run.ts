import { mkdir } from 'node:fs/promises';
import type { BuildEventBody } from '../../../shared/build-events.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Identity } from '../base/identity.ts';
import { checkRoot } from '../executor/check-root.ts';
import { createOutputText } from '../executor/output-text.ts';
import { readChanges } from '../executor/changes.ts';
import type { OutputListener } from '../executor/helper-process.ts';
import type { RunEnd } from '../executor/run-process.ts';
import { MOUNT_TARGETS, type ProcessRequest } from '../executor/runtime-spec.ts';
import { needSpace } from '../executor/space-error.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { Layer } from '../layer/layer.ts';
import { withParents } from '../layer/parent-entries.ts';
import type { KeyPart } from '../store/store.ts';
import type { RunDefinition } from './definition.ts';
import { keepFailed } from './keep-failed.ts';
import { lastLines } from './last-lines.ts';
import { contentChain, type OperationContext, type PreparedOperation } from './operation.ts';
import { resolvePath } from '../layer/resolve.ts';
import { readSmallFile } from './read-small-file.ts';
import { runFailed } from './run-failed.ts';
import type { MadeMounts } from './run-mount.ts';
import { prepareMounts, withMounts, withVariables } from './run-mounts.ts';
import { sandboxParts } from './run-sandbox.ts';
import { processUser } from './run-user.ts';
import { storeLayer } from './store-layer.ts';

/**
 * RUN: a command in the stage's file system; what it changed becomes the layer. The key holds the command, the content of what
 * is below, each variable of the environment and its mounts (see run-mounts.ts), never the proxies. Fails with RUN_FAILED where the command ends with
 * anything but 0, with RUN_UNSAFE_ROOTFS, and as prepareMounts, runProcess, snapshots and processUser do.
 */
export async function prepareRun(
  definition: RunDefinition,
  context: OperationContext,
): Promise<PreparedOperation> {
  const { step, base } = context;
  const { env, proxies: _, architecture: __, mounts = [], ...command } = definition;
  const prepared = await prepareMounts(mounts, context);
  const options = mounts.length === 0 ? {} : { mounts: prepared.options };
  return {
    parts: [
      { kind: 'operation', name: step.name, value: canonicalJson({ ...command, ...options }) },
      ...sandboxParts(context.resources.sandbox),
      ...prepared.parts,
      { kind: 'base', name: 'what the step builds on', value: contentChain(base.layers) },
      ...env.map((pair): KeyPart => ({ kind: 'environment', name: nameOf(pair), value: pair })),
    ],
    inputs: prepared.inputs,
    async run() {
      const view = await base.view();
      checkRoot(view);
      const identity = await context.executor.identity();
      if (identity.kind === 'single') context.emit(singleUser(identity));
      const place = context.store.blobs.ingestPath();
      const tarPath = context.store.blobs.ingestPath();
      try {
        await mkdir(place, { mode: 0o700 });
        const { form, targets } = await withMounts(prepared, context, async (made) => ({
          form: await execute(definition, made, view, { place, tarPath }, context),
          targets: made.mounts.map(({ target }) => target),
        }));
        if (form === 'whole') context.emit(PLAIN_COPY);
        return await changes(view, { tarPath, form }, [...MOUNT_TARGETS, ...targets], context);
      } finally {
        await context.store.blobs.discard(tarPath);
        await context.executor.remove(place);
      }
    },
  };
}

/** What is said once in a build, before or beside what it explains. */
const PLAIN_COPY: BuildEventBody = {
  type: 'warning',
  code: 'RUN_PLAIN_COPY',
  message: 'Overlays cannot be mounted here, so that each RUN copies its whole root file system.',
};

function singleUser({ because, fix }: Extract<Identity, { kind: 'single' }>): BuildEventBody {
  return {
    type: 'warning',
    code: 'RUN_SINGLE_USER',
    message: `Commands of RUN can only be root and own all files, since ${because}; to change that, run ${fix}`,
  };
}

interface Scene {
  readonly place: string;
  /** Where what the command changed is written. */
  readonly tarPath: string;
}

async function execute(
  { args, env, proxies, cwd, network, script, architecture, insecure = false, ...definition }: RunDefinition,
  made: MadeMounts,
  view: FileTree,
  scene: Scene,
  context: OperationContext,
): Promise<RunEnd['form']> {
  const { step, base, emit, drained, signal, executor, resources } = context;
  const user = await processUser(definition.user, (path) => readSmallFile(view, path));
  const end = lastLines();
  const output = (stream: 'stdout' | 'stderr'): ReturnType<typeof createOutputText> =>
    createOutputText((text) => {
      end.push(text);
      emit({ type: 'step.log', step: step.id, stream, text });
    });
  const [stdout, stderr] = [output('stdout'), output('stderr')];
  const heard =
    (push: (data: Buffer) => void): OutputListener =>
    (data) => {
      push(data);
      return drained();
    };
  const request: ProcessRequest = {
    ...{ args, cwd, user, network, insecure, architecture },
    env: withVariables([...env, ...proxies], made),
    sandbox: resources.sandbox,
    mounts: [
      ...(script === undefined ? [] : [{ kind: 'bundle' as const, name: 'script', target: script.path }]),
      ...made.mounts,
    ],
  };
  const { code, form } = await executor.run(
    {
      base,
      place: scene.place,
      changes: scene.tarPath,
      // A heredoc that begins with `#!` is a program of its own, seen by nothing but this step.
      files: [
        ...(script === undefined ? [] : [{ name: 'script', data: script.text, mode: 0o755 }]),
        ...(made.files ?? []),
      ],
      request,
      onStdout: heard(stdout.push),
      onStderr: heard(stderr.push),
    },
    signal,
  );
  stdout.end();
  stderr.end();
  if (code === 0) return form;
  const exitCode = code ?? 137;
  await keepFailed({ env, script, request, exitCode, form, place: scene.place }, context);
  throw runFailed(step.name, exitCode, end.lines());
}

/** What the command changed as a layer; undefined where nothing did. */
async function changes(
  view: FileTree,
  { tarPath, form }: Pick<Scene, 'tarPath'> & Pick<RunEnd, 'form'>,
  targets: readonly string[],
  context: OperationContext,
): Promise<Layer | undefined> {
  const { store, signal, pool, now, executor } = context;
  const stubs = targets.map((path) => resolvePath(view, path, { followLast: true }).path);
  const plan = await readChanges(tarPath, form, view, stubs, await executor.identity(), pool, signal);
  await needSpace(
    store.root,
    plan.reduce((sum, { size }) => sum + size, 0),
  );
  return storeLayer(withParents(plan, view), now(), context);
}

function nameOf(pair: string): string {
  return pair.slice(0, Math.max(0, pair.indexOf('=')));
}
