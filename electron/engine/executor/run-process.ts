import { chmod, chown, mkdir, readFile, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../base/errors.ts';
import type { TreeEntry } from '../layer/file-tree.ts';
import { packBundle, type BundleFile } from './bundle.ts';
import { runHelper, toolMissing, type ProcessEnd } from './helper-process.ts';
import { HOSTNAME, runtimeSpec, type ProcessRequest } from './runtime-spec.ts';

export interface RunProcessOptions {
  readonly request: ProcessRequest;
  /** Files in memory that mounts of kind `bundle` show to the process. */
  readonly files: readonly BundleFile[];
  /** Unpacked layers, lowest first: absolute paths. */
  readonly lower: readonly string[];
  /** The metadata of the root directory. */
  readonly root: TreeEntry | undefined;
  /** An empty directory for everything the run needs; the caller removes it. On the file system of `lower`. */
  readonly place: string;
  /** The command's output as it comes. */
  readonly onStdout: (data: Buffer) => void;
  readonly onStderr: (data: Buffer) => void;
}

/** As the kernel has it for relative paths (OVL_MAX_STACK). */
const MAX_LAYERS = 500;

/**
 * Everything happens in a mount and a process namespace that die with the process that owns them: nothing is left behind.
 * The bundle, and all that the runtime writes, is in memory.
 */
const SCRIPT = `
umount /sys/fs/cgroup/unified 2>/dev/null
mount -t tmpfs -o mode=0700,nosuid,nodev slipway "$1/bundle" && tar -x -C "$1/bundle" -f - <&3 || exit 1
exec 3<&-
cd "$1/lower" && mount -t overlay -o "redirect_dir=nofollow,metacopy=off,index=off,lowerdir=$2,upperdir=../upper,workdir=../work" overlay ../rootfs || exit 1
: > "$1/mounted"
cd "$1/bundle" && exec crun --root "$1/bundle/state" --cgroup-manager=disabled run -b "$1/bundle" "$3"
`;

/**
 * Runs one process on an overlay of the layers and answers how it ended; what it changed is in `place`/upper, in overlayfs's
 * terms. Cancelling kills it with everything it started before the promise rejects. Needs root. Fails with RUN_NEEDS_ROOT,
 * RUN_TOOL_MISSING, RUN_TOO_MANY_LAYERS and RUN_MOUNT.
 */
export async function runProcess(options: RunProcessOptions, signal: AbortSignal): Promise<ProcessEnd> {
  const { place, request, lower, root } = options;
  checkAbility(lower.length);
  const inPlace = (name: string): string => join(place, name);
  for (const name of ['lower', 'upper', 'work', 'rootfs', 'empty', 'bundle']) await mkdir(inPlace(name));
  await chmod(inPlace('upper'), root?.mode ?? 0o755);
  await chown(inPlace('upper'), root?.uid ?? 0, root?.gid ?? 0);
  // Short names, because the kernel takes one page of options; the empty one lets an image without layers be mounted.
  const stack = [...lower.toReversed(), inPlace('empty')];
  await Promise.all(stack.map((path, i) => symlink(path, inPlace(`lower/${i}`))));
  const bundle = await packBundle([
    { name: 'resolv.conf', data: await readFile('/etc/resolv.conf').catch(() => '') },
    { name: 'hosts', data: `127.0.0.1\tlocalhost ${HOSTNAME}\n::1\tlocalhost ip6-localhost\n` },
    ...options.files,
    {
      name: 'config.json',
      data: JSON.stringify(runtimeSpec(request, { rootfs: inPlace('rootfs'), bundle: inPlace('bundle') })),
    },
  ]);
  const names = stack.map((_, i) => i).join(':');
  const { onStdout, onStderr } = options;
  const end = await runHelper(
    'unshare',
    [
      ...['-m', '-p', '-f', '--kill-child=SIGKILL', '--mount-proc', '--propagation', 'private'],
      ...['sh', '-c', SCRIPT, 'sh', place, names, `slipway-${process.pid}`],
    ],
    { onStdout, onStderr, input: bundle },
    signal,
  );
  if (!existsSync(inPlace('mounted'))) {
    throw new EngineError('RUN_MOUNT', 'The file system of the step could not be mounted with overlayfs.', {
      hint: 'The store must lie on a local file system such as ext4, xfs or btrfs, and not itself on an overlay.',
    });
  }
  return end;
}

function checkAbility(layers: number): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new EngineError('RUN_NEEDS_ROOT', 'RUN works only as root on Linux so far.', {
      hint: 'Build with sudo, or build a target without RUN with --target.',
    });
  }
  if (!existsSync('/usr/bin/crun')) throw toolMissing('crun', 'crun');
  if (layers >= MAX_LAYERS) {
    throw new EngineError(
      'RUN_TOO_MANY_LAYERS',
      `RUN works on at most ${MAX_LAYERS - 1} layers, and here are ${layers}.`,
      { hint: 'Join some steps into one.' },
    );
  }
}
