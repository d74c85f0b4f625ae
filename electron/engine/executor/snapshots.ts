import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf, type Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { chainId } from '../image/chain-id.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { Layer } from '../layer/layer.ts';
import { writeLayer } from '../layer/write-layer.ts';
import type { Store } from '../store/store.ts';
import { removeTree } from './remove-tree.ts';
import { runHelper } from './helper-process.ts';
import { planSnapshot } from './snapshot-plan.ts';

export interface SnapshotContext {
  readonly store: Store;
  readonly pool: WorkerPool;
}

/**
 * Directories that hold the stack's layers unpacked, lowest first, for overlayfs. What is missing is unpacked from the
 * layers' blobs and synced before it gets its name, so that a directory with a name is whole. `view` is the stack's merged
 * view. Fails with RUN_SNAPSHOT, and as planSnapshot does.
 */
export async function snapshots(
  layers: readonly Layer[],
  view: () => Promise<FileTree>,
  context: SnapshotContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = join(context.store.root, 'snapshots');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths: string[] = [];
  for (const [i, layer] of layers.entries()) {
    const path = join(folder, snapshotName(layers.slice(0, i + 1).map(({ diffId }) => diffId)));
    if (!existsSync(path)) await unpack(layer, await view(), path, context, signal);
    paths.push(path);
  }
  return paths;
}

/** The layer's hex digest, which says when it may go, and part of the stack's: folders a layer only implies depend on it. */
function snapshotName(stack: readonly Digest[]): string {
  return `${hexOf(stack.at(-1)!)}.${hexOf(chainId(stack)!).slice(0, 32)}`;
}

async function unpack(
  { diffId }: Layer,
  stack: FileTree,
  path: string,
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
    await writeLayer(pool, { entries: planSnapshot(layer, stack), path: tarPath }, signal);
    await mkdir(directory, { mode: 0o755 });
    const args = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-owner'];
    await must('tar', [...args, '-p', '-x', '-f', tarPath, '-C', directory], signal);
    await must('sync', ['-f', directory], signal);
    await rename(directory, path).catch((error: unknown) => {
      // Another step, or another process, was faster.
      if (!existsSync(path)) throw error;
    });
  } finally {
    await store.blobs.discard(tarPath);
    await removeTree(directory);
  }
}

async function must(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  let said = '';
  const onStderr = (data: Buffer): void => void (said = (said + data.toString()).slice(0, 2000));
  const { code } = await runHelper(command, args, { onStderr }, signal);
  if (code === 0) return;
  throw new EngineError('RUN_SNAPSHOT', `A layer could not be unpacked: ${command} ended with ${code}.`, {
    hint: said.trim().split('\n').at(-1) || undefined,
  });
}
