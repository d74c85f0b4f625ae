import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { decodeName, displayName } from '../../electron/engine/base/byte-path.ts';
import { exportDirectory } from '../../electron/engine/image/export/directory.ts';
import { exportDockerArchive, exportOciArchive } from '../../electron/engine/image/export/image-archive.ts';
import { exportRootfsTar } from '../../electron/engine/image/export/rootfs-tar.ts';
import { loadArchive } from '../../electron/engine/image/import/load-archive.ts';
import { readImage } from '../../electron/engine/image/read-image.ts';
import { familiarReference, normalizeTag } from '../../electron/engine/image/reference.ts';
import { sampleImage, withBench, type Bench } from '../support/image-fixture.ts';

/** Archives as other tools write and read them: skopeo, podman, buildah, GNU tar. */

const TAGS = ['app:1', 'ghcr.io/team/app:x'].map(normalizeTag);

/** What a command prints; bytes that are no UTF-8 come as base/byte-path.ts has them. */
async function run(command: string, ...args: string[]): Promise<string> {
  const options = { maxBuffer: 64 * 1024 * 1024, encoding: 'buffer' } as const;
  const { stdout } = await promisify(execFile)(command, args, options);
  return decodeName(stdout);
}

/** podman with storage of its own below the bench's directory. */
function podman({ directory }: Bench, ...args: string[]): Promise<string> {
  const place = ['--root', join(directory, 'podman'), '--runroot', join(directory, 'podman-run')];
  return run('podman', ...place, '--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', ...args);
}

interface Inspected {
  readonly Id: string;
  readonly RepoTags: string[];
  readonly RootFS: { readonly Layers: string[] };
  readonly Config: { readonly User: string; readonly Labels: Record<string, string>; readonly Cmd: string[] };
  readonly History: { readonly created_by: string }[];
}

describe('what we write', () => {
  test.each([
    ['oci-archive', exportOciArchive],
    ['docker-archive', exportDockerArchive],
  ] as const)('%s is read by skopeo and podman', (transport, write) =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const image = await readImage(bench.store, digest);
      const path = join(bench.directory, 'image.tar');
      const { size } = await write(bench.store, [{ digest, references: TAGS }], path);
      expect((await readFile(path)).length).toBe(size);

      const name = transport === 'oci-archive' ? `${path}:${TAGS[0]}` : path;
      const config = JSON.parse(
        await run('skopeo', 'inspect', '--config', '--raw', `${transport}:${name}`),
      ) as object;
      expect(config).toEqual(JSON.parse((await bench.store.blobs.read(image.configDigest)).toString()));
      await run('skopeo', 'copy', `${transport}:${name}`, `dir:${join(bench.directory, 'copied')}`);

      await podman(bench, 'load', '-i', path);
      const [loaded] = JSON.parse(await podman(bench, 'inspect', TAGS[0]!)) as [Inspected];
      expect(`sha256:${loaded.Id}`).toBe(image.configDigest);
      expect(loaded.RepoTags.sort()).toEqual(TAGS);
      expect(loaded.RootFS.Layers).toEqual(image.config.rootfs.diff_ids);
      expect(loaded.Config.User).toBe('1:2');
      expect(loaded.Config.Cmd).toEqual(['tool', '-x']);
      expect(loaded.History.map((entry) => entry.created_by)).toEqual(
        image.config.history!.map((entry) => entry.created_by),
      );
      const mounted = (await podman(bench, 'image', 'mount', TAGS[0]!)).trim();
      expect(await listing(mounted)).toBe(await exportedListing(bench, digest));
    }),
  );

  test('a plain tar unpacks with GNU tar to the same files as the directory export', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const path = join(bench.directory, 'rootfs.tar');
      await exportRootfsTar(bench.store, bench.pool, { digest }, path);
      const unpacked = join(bench.directory, 'unpacked');
      await mkdir(unpacked);
      await run('tar', '-xpf', path, '-C', unpacked, '--same-owner');
      expect(await listing(unpacked)).toBe(await exportedListing(bench, digest));
      expect(await listing(unpacked)).toContain('name-\\xff');
    }));

  test('the store itself is a layout that skopeo reads', () =>
    withBench(async (bench) => {
      await sampleImage(bench);
      const name = `oci:${bench.store.root}:${familiarReference(TAGS[0]!)}`;
      expect(JSON.parse(await run('skopeo', 'inspect', '--config', name))).toMatchObject({ os: 'linux' });
    }));
});

describe('what others write', () => {
  /** Our image goes through another tool's storage and comes back from its archive. */
  test.each([
    ['podman save, docker archive', ['save', '--format', 'docker-archive']],
    ['podman save, OCI archive', ['save', '--format', 'oci-archive']],
    ['podman save, OCI directory', ['save', '--format', 'oci-dir']],
  ])('%s', (_, save) =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const before = await readImage(bench.store, digest);
      const ours = join(bench.directory, 'ours.tar');
      await exportDockerArchive(bench.store, [{ digest, references: TAGS }], ours);
      await podman(bench, 'load', '-i', ours);
      const theirs = join(bench.directory, 'theirs');
      await podman(bench, ...save, '-o', theirs, TAGS[0]!);

      const other = await bench.newStore();
      const loaded = await loadArchive(other, theirs, { pool: bench.pool });
      expect(loaded.references).toEqual([TAGS[0]]);
      const after = await readImage(other, loaded.images[0]!);
      expect(after.config).toEqual({ ...before.config, history: after.config.history });
      expect(after.config.history!.map((entry) => entry.created_by)).toEqual(
        before.config.history!.map((entry) => entry.created_by),
      );
      expect(await exportedListing({ ...bench, store: other }, loaded.images[0]!)).toBe(
        await exportedListing(bench, digest),
      );
    }),
  );

  test.each(['oci-archive', 'docker-archive', 'oci'])('skopeo copy to %s, gzip layers and all', (transport) =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const path = join(bench.directory, 'copied');
      const name = transport === 'oci-archive' ? `${path}:app` : `${path}:team/app:2`;
      const flags = transport === 'docker-archive' ? [] : ['--dest-compress'];
      await run('skopeo', 'copy', ...flags, `oci:${bench.store.root}:app:1`, `${transport}:${name}`);
      const other = await bench.newStore();
      const loaded = await loadArchive(other, path, { pool: bench.pool });
      expect(loaded.references).toEqual([
        transport === 'oci-archive' ? normalizeTag('app') : normalizeTag('team/app:2'),
      ]);
      expect(await exportedListing({ ...bench, store: other }, loaded.images[0]!)).toBe(
        await exportedListing(bench, digest),
      );
    }),
  );

  test('skopeo copy with zstd layers, and out again as a docker archive', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const path = join(bench.directory, 'zstd');
      const flags = ['--dest-compress', '--dest-compress-format', 'zstd'];
      await run('skopeo', 'copy', ...flags, `oci:${bench.store.root}:app:1`, `oci:${path}:app`);
      const other = await bench.newStore();
      const loaded = await loadArchive(other, path, { pool: bench.pool });
      const image = await readImage(other, loaded.images[0]!);
      expect(image.layers[0]!.blob.mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd');
      expect(await exportedListing({ ...bench, store: other }, loaded.images[0]!)).toBe(
        await exportedListing(bench, digest),
      );
      // What came in compressed leaves a docker archive uncompressed, and still is the same image.
      const saved = join(bench.directory, 'saved.tar');
      await exportDockerArchive(other, [{ digest: loaded.images[0]!, references: [] }], saved);
      const third = await bench.newStore();
      const again = await loadArchive(third, saved, { pool: bench.pool });
      expect((await readImage(third, again.images[0]!)).configDigest).toBe(image.configDigest);
    }));

  test.each(['gzip', 'zstd', 'xz', 'bzip2'])('an archive compressed with %s', (tool) =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const path = join(bench.directory, 'image.tar');
      await exportOciArchive(bench.store, [{ digest, references: TAGS }], path);
      const packed = await promisify(execFile)(tool, ['-c', path], { encoding: 'buffer' });
      await writeFile(`${path}.packed`, packed.stdout);
      const other = await bench.newStore();
      const loaded = await loadArchive(other, `${path}.packed`, { pool: bench.pool });
      expect(loaded).toEqual({ images: [digest], references: TAGS });
    }),
  );
});

/** Names, types, modes, owners, times, links and content of all files below a directory. */
async function listing(directory: string): Promise<string> {
  const format = '%P %y %m %U:%G %T@ %s %l\\n';
  const find = [
    '-mindepth',
    '1',
    '(',
    '-type',
    'd',
    '-printf',
    '%P %y %m %U:%G %T@\\n',
    '-o',
    '-printf',
    format,
    ')',
  ];
  const files = await run('find', directory, ...find);
  const sums = await run('sh', '-c', 'cd "$0" && find . -type f -exec sha256sum {} +', directory);
  return displayName([...files.split('\n').sort(), ...sums.split('\n').sort()].join('\n'));
}

async function exportedListing(
  { directory, store, pool }: Bench,
  digest: `sha256:${string}`,
): Promise<string> {
  const target = join(directory, `exported-${Math.random()}`);
  await exportDirectory(store, pool, { digest }, target);
  return listing(target);
}
