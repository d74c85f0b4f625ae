import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../base/errors.ts';
import { spaceOf } from '../base/free-space.ts';
import type { Identity } from '../base/identity.ts';
import type { LayerStack } from '../layer/layer.ts';
import { packBundle, type BundleFile } from './bundle.ts';
import { controlGroups } from './control-groups.ts';
import { runHelper, type OutputListener, type ProcessEnd } from './helper-process.ts';
import { layMounts, mountFolders } from './lay-mounts.ts';
import { ownUser } from './own-ids.ts';
import { unpackView } from './plain-copy.ts';
import type { ProcessIo } from './process-io.ts';
import { needRuntime } from './runtime.ts';
import { HOSTNAME, runtimeSpec, specText, type ProcessRequest } from './runtime-spec.ts';
import {
  FAILED,
  PLACE_FOLDERS,
  sandboxScript,
  STARTED,
  TAR_SAID,
  type SandboxFailure,
} from './sandbox-script.ts';
import { spaceError } from './space-error.ts';
import { snapshots, type SnapshotContext } from './snapshots.ts';

export interface RunProcessOptions {
  readonly request: ProcessRequest;
  /** Files in memory that mounts of kind `bundle` show to the process. */
  readonly files: readonly BundleFile[];
  /** The root filesystem that the process gets; it stays as it is. */
  readonly base: LayerStack;
  /** An empty directory for everything the run needs; the caller removes it with Executor.remove. On the store's file system. */
  readonly place: string;
  /** A file that is written if the process ends with 0: a tar of what it changed, for changes.ts. */
  readonly changes?: string;
  /** What an earlier run left, to go on with; it stays. */
  readonly left?: LeftFiles;
  /** What the process has as its streams instead of the callbacks. */
  readonly io?: ProcessIo;
  /** The command's output as it comes; see HelperOptions. */
  readonly onStdout?: OutputListener;
  readonly onStderr?: OutputListener;
}

/** Files of a run that ended with another code than 0. */
export interface LeftFiles extends Pick<RunEnd, 'form'> {
  /** The folder `upper` or, in the form `whole`, `rootfs` of its place. */
  readonly path: string;
}

export interface RunEnd extends ProcessEnd {
  /** What `changes` holds: an overlay's upper directory, or the whole root filesystem where overlays cannot be had. */
  readonly form: 'upper' | 'whole';
}

/** Set when overlayfs turned out not to work, so that it is tried once only. */
export interface OverlayState {
  isMissing: boolean;
}

/** As the kernel has it for relative paths (OVL_MAX_STACK). */
const MAX_LAYERS = 500;

/**
 * Runs one process on a stack of layers and answers how it ended. Everything happens in a mount and a process namespace that die
 * with the process that owns them, and with this one: nothing is left behind. Cancelling kills it with everything it
 * started before the promise rejects.
 *
 * Fails with RUN_NEEDS_LINUX, RUN_NAMESPACE, RUN_TOOL_MISSING, RUN_USER_UNMAPPED, RUN_LIMITS, RUN_MOUNT, RUN_CACHE_PATH, RUN_NO_OVERLAY
 * and as snapshots does, all before the process is started; and with RUN_LAYER where what it changed cannot be
 * read, RUN_SPACE where the disk has no room for it.
 */
export async function runProcess(
  options: RunProcessOptions,
  identity: Identity,
  overlay: OverlayState,
  context: SnapshotContext,
  signal: AbortSignal,
): Promise<RunEnd> {
  if (process.platform !== 'linux') {
    throw new EngineError('RUN_NEEDS_LINUX', 'RUN works on Linux only.', {
      hint: 'Build a target without RUN with --target.',
    });
  }
  const end = await attempt(options, identity, overlay, context, signal);
  if (end !== 'overlay') return end;
  overlay.isMissing = true;
  for (const name of [FAILED, ...PLACE_FOLDERS])
    await rm(join(options.place, name), { recursive: true, force: true });
  const again = await attempt(options, identity, overlay, context, signal);
  if (again === 'overlay') throw mountError('overlay');
  return again;
}

/** One run; `overlay` where the process was not started because overlayfs does not work here. */
async function attempt(
  options: RunProcessOptions,
  identity: Identity,
  overlay: OverlayState,
  context: SnapshotContext,
  signal: AbortSignal,
): Promise<RunEnd | 'overlay'> {
  const { place, base, left, io } = options;
  const runtime = await needRuntime();
  const inPlace = (name: string): string => join(place, name);
  for (const name of PLACE_FOLDERS) await mkdir(inPlace(name));
  const isPlain = overlay.isMissing || base.layers.length >= MAX_LAYERS || left?.form === 'whole';
  if (isPlain && left?.form === 'upper') throw noOverlay();
  const upper = left?.path ?? inPlace('upper');
  const lower = isPlain ? undefined : await layLower(base, inPlace('lower'), identity, context, signal);
  if (lower) {
    await symlink(upper, inPlace('up'));
    if (left === undefined) await likeRoot(upper, base, identity);
  } else if (left === undefined) {
    await unpackView(await base.view(), inPlace('rootfs'), identity, context, signal);
  }
  const laid = await layMounts(options.request.mounts, place, isPlain, identity, context, signal);
  const containerId = `slipway-${process.pid}-${randomBytes(6).toString('hex')}`;
  const groups = await controlGroups(options.request.sandbox.limits, containerId, identity);
  const request = { ...options.request, user: ownUser(options.request.user, identity), mounts: laid.mounts };
  const rootfs = lower || left === undefined ? inPlace('rootfs') : left.path;
  const terminal = io === undefined || io.kind === 'streams' ? undefined : io.size;
  const spec = runtimeSpec(request, { rootfs, bundle: inPlace('bundle'), identity, terminal });
  const bundle = await packBundle([
    { name: 'resolv.conf', data: await readFile('/etc/resolv.conf').catch(() => '') },
    { name: 'hosts', data: hostsFile(request) },
    ...options.files,
    { name: 'config.json', data: specText(spec) },
  ]);
  const script = sandboxScript({
    ...{ place, identity, runtime, containerId, upper, lower },
    ...{ stacks: laid.stacks, walks: laid.walks },
    // Where something has run already there may be new links.
    folders: left === undefined ? mountFolders(laid.mounts, await base.view()) : [],
    ...{ enterGroups: groups.enter, leaveGroups: groups.leave },
    ...{ changes: options.changes, room: (await spaceOf(place)).free, terminal: terminal !== undefined },
  });
  const { onStdout, onStderr } = options;
  const end = await runHelper(
    identity,
    'unshare',
    [
      ...['-m', '-p', '-f', '--kill-child=SIGKILL', '--mount-proc', '--propagation', 'private'],
      ...['sh', '-c', script],
    ],
    {
      input: bundle,
      ...(io ? { io } : {}),
      ...(onStdout ? { onStdout } : {}),
      ...(onStderr ? { onStderr } : {}),
    },
    signal,
  ).finally(() => groups.remove());
  const failed = await readFile(inPlace(FAILED), 'utf8').catch(() => undefined);
  if (failed === undefined && existsSync(inPlace(STARTED)))
    return { ...end, form: lower ? 'upper' : 'whole' };
  return failureOf(failed?.trim(), place);
}

async function failureOf(failed: string | undefined, place: string): Promise<'overlay'> {
  switch (failed) {
    case undefined:
      throw new EngineError('RUN_NAMESPACE', 'A namespace for the step could not be made.', {
        hint: 'This machine may forbid user namespaces; "slipway doctor" says what is missing.',
      });
    case 'overlay':
      return 'overlay';
    case 'changes': {
      const said = await readFile(join(place, TAR_SAID), 'utf8').catch(() => '');
      throw new EngineError('RUN_LAYER', 'What the command changed could not be read.', {
        hint: said.trim().split('\n')[0] || 'The disk of the store may be full.',
      });
    }
    default: {
      // A full disk takes the name of a file that says why, and no word in it.
      if (failed === '') throw await spaceError(place, undefined);
      const size = /^space (\d+)$/.exec(failed)?.[1];
      if (size !== undefined) throw await spaceError(place, Number(size));
      throw mountError(failed as SandboxFailure);
    }
  }
}

function noOverlay(): EngineError {
  return new EngineError(
    'RUN_NO_OVERLAY',
    'What the step left was laid on its layers, which cannot be done here any more.',
    { hint: 'Build again, so that the whole file system is kept.' },
  );
}

function mountError(failure: SandboxFailure): EngineError {
  switch (failure) {
    case 'walk':
      return new EngineError(
        'RUN_CACHE_PATH',
        'The source of a mount is not a folder, or lies behind a link.',
        {
          hint: 'Name a folder that the mount really has.',
        },
      );
    case 'groups':
      return new EngineError('RUN_LIMITS', 'This machine refuses the limits on memory or processors.', {
        hint: 'The lines in the log say which; build without that flag.',
      });
    default:
      return new EngineError('RUN_MOUNT', 'The file system of the step could not be mounted.', {
        hint: 'The store must lie on a local file system such as ext4, xfs or btrfs; "slipway doctor" says more.',
      });
  }
}

/** Makes the lower directories of the overlay known by short names; answers them, topmost first. */
async function layLower(
  base: LayerStack,
  folder: string,
  identity: Identity,
  context: SnapshotContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths = await snapshots(base, identity, context, signal);
  // The empty one lets an image without layers be mounted.
  const stack = [...paths.toReversed(), join(folder, '..', 'empty')];
  await Promise.all(stack.map((path, i) => symlink(path, join(folder, `${i}`))));
  return stack.map((_, i) => `${i}`);
}

/** Gives the upper directory, which becomes the root directory, what the image says of that. */
async function likeRoot(upper: string, base: LayerStack, identity: Identity): Promise<void> {
  const root = (await base.view()).get('');
  await chmod(upper, root?.mode ?? 0o755);
  if (identity.kind === 'root') await chown(upper, root?.uid ?? 0, root?.gid ?? 0);
}

function hostsFile({ sandbox }: ProcessRequest): string {
  const more = sandbox.hosts.map(({ name, address }) => `${address}\t${name}\n`);
  return `127.0.0.1\tlocalhost ${HOSTNAME}\n::1\tlocalhost ip6-localhost\n${more.join('')}`;
}
