import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf, type Digest } from '../base/digest.ts';
import { identityTag, type Identity } from '../base/identity.ts';
import { removeTree } from '../base/remove-tree.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { chainId } from '../image/chain-id.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { Layer, LayerStack } from '../layer/layer.ts';
import { writeLayer } from '../layer/write-layer.ts';
import type { Store } from '../store/store.ts';
import { ownEntries } from './own-ids.ts';
import { planSnapshot } from './snapshot-plan.ts';
import { unpackTar } from './unpack-tar.ts';

export interface SnapshotContext {
  readonly store: Store;
  readonly pool: WorkerPool;
}

/**
 * Directories that hold the stack's layers unpacked, lowest first, for overlayfs. What is missing is unpacked from the
 * layers' blobs and synced before it gets its name, so that a directory with a name is whole. The caller has leases on the layers,
 * which keep their directories too. Fails with RUN_SNAPSHOT, and as
 * planSnapshot and ownEntries do.
 */
export async function snapshots(
  { layers, view }: LayerStack,
  identity: Identity,
  context: SnapshotContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = join(context.store.root, 'snapshots');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names: string[] = [];
  for (const [i, layer] of layers.entries()) {
    const stack = layers.slice(0, i + 1).map(({ diffId }) => diffId);
    const name = snapshotName(stack, identity);
    const path = join(folder, name);
    if (!existsSync(path)) await unpack(layer, await view(), path, identity, context, signal);
    names.push(name);
  }
  context.store.snapshots.touch(names);
  return names.map((name) => join(folder, name));
}

/** The layer's hex digest, which says when it may go, and part of the stack's: folders a layer only implies depend on it. */
function snapshotName(stack: readonly Digest[], identity: Identity): string {
  const tag = identityTag(identity);
  return `${hexOf(stack.at(-1)!)}.${hexOf(chainId(stack)!).slice(0, 32)}${tag && `.${tag}`}`;
}

async function unpack(
  { diffId }: Layer,
  stack: FileTree,
  path: string,
  identity: Identity,
  { store, pool }: SnapshotContext,
  signal: AbortSignal,
): Promise<void> {
  const tarPath = store.blobs.ingestPath();
  const directory = store.blobs.ingestPath();
  try {
    const layer = {
      diffId,
      toc: await store.layers.toc(diffId),
      blobPath: await store.layers.uncompressedPath(diffId),
    };
    const opaque = identity.kind === 'root' ? 'trusted.overlay.opaque' : 'user.overlay.opaque';
    const entries = planSnapshot({ ...layer, toc: layer.toc }, stack);
    const plan = ownEntries(entries, identity).map((entry, i) =>
      entries[i]!.opaque ? { ...entry, xattrs: { ...entry.xattrs, [opaque]: 'y' } } : entry,
    );
    await writeLayer(pool, { entries: plan, path: tarPath }, signal);
    await mkdir(directory, { mode: 0o755 });
    await unpackTar(tarPath, directory, { identity, sync: true }, signal);
    await rename(directory, path).catch((error: unknown) => {
      // Another step, or another process, was faster.
      if (!existsSync(path)) throw error;
    });
  } finally {
    await store.blobs.discard(tarPath);
    await removeTree(directory);
  }
}
