import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** Whether files can have owners: what the other tools make for a normal user has other numbers. */
export const IS_ROOT = process.getuid?.() === 0;

/** The other tools of the trade, with one storage of their own, shared among them and apart from the machine's. */
export interface Peers {
  /** A folder for files of the test; it goes with the storage. */
  readonly directory: string;
  buildah(...args: string[]): Promise<string>;
  podman(...args: string[]): Promise<string>;
  skopeo(...args: string[]): Promise<string>;
  /** Brings an image of an image layout into the storage, under the same name. */
  take(layout: string, name: string): Promise<void>;
  /** Where an image's files lie, for reading. */
  mount(image: string): Promise<string>;
  /** The config of an image in the storage, as it is stored. */
  config(image: string): Promise<PeerConfig>;
  /** Unpacks a tar into an existing folder with GNU tar. */
  unpack(tar: string, folder: string): Promise<void>;
  close(): Promise<void>;
}

/** The parts of an image's config that tests look at. */
export interface PeerConfig {
  readonly author?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly history: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/**
 * Makes the storage; nothing is read from or written to the machine's own. Layers are whole copies, or with `overlay` only what
 * changed, for large images.
 */
export async function openPeers(driver: 'vfs' | 'overlay' = 'vfs'): Promise<Peers> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-peers-'));
  const place = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  const storage = [...place, '--storage-driver', driver];
  const podman = (...args: string[]): Promise<string> =>
    run('podman', ...storage, '--cgroup-manager', 'cgroupfs', ...args);
  // Cache mounts lie in its temporary directory.
  const buildah = (...args: string[]): Promise<string> =>
    run('env', `TMPDIR=${directory}`, 'buildah', ...storage, ...args);
  return {
    directory,
    podman,
    buildah,
    skopeo: (...args) => run('skopeo', ...args),
    async take(layout, name) {
      const target = `containers-storage:[${driver}@${join(directory, 'root')}+${join(directory, 'run')}]${name}`;
      await run('skopeo', 'copy', '-q', `oci:${layout}:${name}`, target);
    },
    // With vfs this mounts nothing: it names the folder that holds the files. With overlay it is unmounted in the end.
    mount: async (image) => (await podman('image', 'mount', image)).trim(),
    config: async (image) =>
      JSON.parse(await buildah('inspect', '--type', 'image', '--format', '{{.Config}}', image)) as PeerConfig,
    unpack: async (tar, folder) =>
      void (await run('tar', '-xpf', tar, '-C', folder, '--same-owner', '--numeric-owner', '--xattrs')),
    async close() {
      for (const path of await mountsBelow(directory)) await run('umount', path);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Innermost first. */
async function mountsBelow(directory: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.flatMap((line) => line.split(' ')[4] ?? []);
  return points.filter((point) => point.startsWith(`${directory}/`)).reverse();
}
