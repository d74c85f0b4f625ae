import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkerPool, type WorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { commitImage } from '../../electron/engine/image/commit-image.ts';
import { emptyConfig } from '../../electron/engine/image/config.ts';
import { historyEntry } from '../../electron/engine/image/history.ts';
import type { Descriptor, RunConfig } from '../../electron/engine/image/oci.ts';
import { normalizeTag } from '../../electron/engine/image/reference.ts';
import type { Layer } from '../../electron/engine/layer/layer.ts';
import type { LayerPlanEntry } from '../../electron/engine/layer/toc.ts';
import { writeLayer } from '../../electron/engine/layer/write-layer.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import type { Store } from '../../electron/engine/store/store.ts';

/** A directory, stores in it, and worker threads; all gone when the test is over. */
export interface Bench {
  readonly directory: string;
  readonly store: Store;
  readonly pool: WorkerPool;
  /** Another, empty store. */
  newStore(): Promise<Store>;
}

/** Shared by the tests of one file, since starting threads takes longer than most of them; it does not keep Node alive. */
const pool = createWorkerPool(2);

/** Runs a test with a store of its own. */
export async function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-image-'));
  const stores: Store[] = [];
  const newStore = async (): Promise<Store> => {
    const root = join(directory, `store-${stores.length}`);
    const store = await openStore({ root, inflate: (blob, _type, out) => inflate(pool, blob, out) });
    stores.push(store);
    return store;
  };
  try {
    await run({ directory, pool, store: await newStore(), newStore });
  } finally {
    for (const store of stores) store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** An entry with the metadata most have; the rest as given. */
export function planned(
  path: string,
  entry: Partial<LayerPlanEntry> & { readonly text?: string } = {},
): LayerPlanEntry {
  const { text, ...rest } = entry;
  const data = Buffer.from(text ?? '');
  const type = rest.type ?? 'file';
  const body =
    type === 'file' ? { size: data.length, source: { kind: 'bytes', data } as const } : { size: 0 };
  return {
    path,
    type,
    mode: type === 'dir' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    mtime: 1_700_000_000,
    ...body,
    ...rest,
  };
}

/** Writes a layer into the store. */
export async function addLayer(
  { store, pool }: Pick<Bench, 'store' | 'pool'>,
  entries: readonly LayerPlanEntry[],
  createdAt = '2024-05-06T07:08:09.123Z',
): Promise<Layer> {
  const path = store.blobs.ingestPath();
  const { diffId, size, contentDigest, toc } = await writeLayer(pool, { entries, path });
  await store.blobs.commit(path, diffId, size);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  const layer: Layer = { diffId, contentDigest, size, createdAt, blob: { digest: diffId, size, mediaType } };
  await store.layers.put(layer, toc);
  return layer;
}

/** Commits, records and tags an image of these layers. */
export async function addImage(
  store: Store,
  layers: readonly Layer[],
  tags: readonly string[] = [],
  config: RunConfig = {},
): Promise<Descriptor> {
  const base = emptyConfig({ os: 'linux', architecture: 'amd64' });
  const { descriptor, configDigest, createdAt } = await commitImage(store, {
    config: { os: base.os, architecture: base.architecture, config: { ...base.config, ...config } },
    layers,
    history: [
      ...layers.map((_, index) => historyEntry(`COPY ${index} / # buildkit`, true)),
      historyEntry('CMD ["x"]', false),
    ],
    createdAt: '2024-01-01T00:00:00Z',
  });
  const storedAt = '2024-06-01T00:00:00Z';
  await store.images.put({ descriptor, config: configDigest, createdAt, storedAt, origin: 'built' });
  if (tags.length > 0) await store.references.set(tags.map(normalizeTag), descriptor);
  return descriptor;
}

/** Two layers with every kind of entry an export must carry; the second hides, replaces and links. */
export async function sampleImage(
  bench: Pick<Bench, 'store' | 'pool'>,
  tags = ['app:1', 'ghcr.io/team/app:x'],
): Promise<Descriptor> {
  const below = await addLayer(bench, [
    planned('bin', { type: 'dir' }),
    planned('bin/tool', { text: '#!/bin/sh\n', mode: 0o4755, uid: 1, gid: 2 }),
    planned('etc', { type: 'dir', mode: 0o750, uid: 3, gid: 4 }),
    planned('etc/old', { text: 'old' }),
    planned('etc/passwd', { text: 'root:x:0:0::/:/bin/sh\n' }),
    planned('tmp', { type: 'dir', mode: 0o1777 }),
  ]);
  const above = await addLayer(
    bench,
    [
      planned('etc', { type: 'dir', mode: 0o755, uid: 5, gid: 6, mtime: 1_600_000_000 }),
      planned('etc/hard', { type: 'hardlink', mode: 0o600, linkname: 'etc/passwd2' }),
      planned('etc/link', { type: 'symlink', mode: 0o777, linkname: '../bin/tool' }),
      planned('etc/old', { type: 'whiteout' }),
      planned('etc/out', { type: 'symlink', mode: 0o777, linkname: '/etc/hostname' }),
      planned('etc/passwd2', { text: 'shared', mode: 0o600 }),
      planned('name-\udcff', { text: 'bytes' }),
    ].sort((a, b) => Number(a.type === 'hardlink') - Number(b.type === 'hardlink')),
    '2024-05-06T07:08:10Z',
  );
  const labels = { 'a.b': '1', Ω: 'é"\\<&>' };
  return addImage(bench.store, [below, above], tags, { Labels: labels, User: '1:2', Cmd: ['tool', '-x'] });
}

async function inflate(
  pool: WorkerPool,
  blob: string,
  out: string,
): Promise<{ digest: `sha256:${string}`; size: number }> {
  const { diffId, size } = await pool.run<{ diffId: `sha256:${string}`; size: number }>('layer.index', {
    path: blob,
    tarPath: out,
  });
  return { digest: diffId, size };
}
