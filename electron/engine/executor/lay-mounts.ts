import { mkdir, realpath, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Identity } from '../base/identity.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';
import { unpackView } from './plain-copy.ts';
import { MOUNT_TARGETS, type ExtraMount } from './runtime-spec.ts';
import type { Sandbox } from './sandbox-script.ts';
import { snapshots, type SnapshotContext } from './snapshots.ts';

export interface LaidMounts extends Pick<Sandbox, 'stacks' | 'walks'> {
  /** The mounts as the runtime can make them: of kinds bundle, bind without `within`, and tmpfs. */
  readonly mounts: readonly ExtraMount[];
}

/**
 * Prepares in `place` what mounts need before the sandbox starts: folders to mount stacks of layers on, and to bind what lies
 * inside a folder that others may change meanwhile. `isPlain`: stacks are unpacked instead of mounted. Fails as snapshots does.
 */
export async function layMounts(
  mounts: readonly ExtraMount[],
  place: string,
  isPlain: boolean,
  identity: Identity,
  context: SnapshotContext,
  signal: AbortSignal,
): Promise<LaidMounts> {
  const stacks: Sandbox['stacks'][number][] = [];
  const walks: Sandbox['walks'][number][] = [];
  const laid: ExtraMount[] = [];
  for (const [i, mount] of mounts.entries()) {
    if (mount.kind === 'stack') {
      const folder = `stack${i}`;
      const { target, readonly, stack, path } = mount;
      const inFolder = (name: string): string => join(place, folder, name);
      for (const name of ['', 'lower', 'upper', 'work', 'root', 'empty']) await mkdir(inFolder(name));
      if (isPlain) await unpackView(await stack.view(), inFolder('root'), identity, context, signal);
      else {
        const paths = await snapshots(stack, identity, context, signal);
        // Two at least: an overlay without an upper directory needs them.
        const lower = [...paths.toReversed(), inFolder('empty'), inFolder('upper')];
        const names = lower.slice(0, readonly ? undefined : -1);
        await Promise.all(names.map((each, n) => symlink(each, inFolder(`lower/${n}`))));
        await symlink(inFolder('upper'), inFolder('up'));
        stacks.push({ folder, lower: names.map((_, n) => `${n}`), readonly });
      }
      laid.push({ kind: 'bind', source: join(inFolder('root'), path), target, readonly });
    } else if (mount.kind === 'bind' && mount.within !== undefined && mount.within !== '') {
      const target = join(place, `walk${i}`);
      await mkdir(target);
      walks.push({ source: await realpath(mount.source), names: mount.within.split('/'), target });
      laid.push({ kind: 'bind', source: target, target: mount.target, readonly: mount.readonly });
    } else laid.push(mount);
  }
  return { stacks, walks, mounts: laid };
}

/**
 * The folders that lie above what is mounted in a root filesystem, as paths in it without links. They are made before the
 * runtime starts because crun makes those that are missing with the sticky bit, which would get into the layer. What lies in
 * the kernel's file systems is covered by those.
 */
export function mountFolders(mounts: readonly ExtraMount[], view: FileTree): readonly string[] {
  const targets = [...MOUNT_TARGETS, ...mounts.map(({ target }) => target)];
  const folders = targets.map((path) => resolvePath(view, posix.dirname(path), { followLast: true }).path);
  return [...new Set(folders)].filter((path) => path !== '' && !/^(dev|proc|sys)(\/|$)/.test(path));
}
