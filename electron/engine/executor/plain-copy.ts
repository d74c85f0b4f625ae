import { chmod } from 'node:fs/promises';
import type { Identity } from '../base/identity.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { writeLayer } from '../layer/write-layer.ts';
import { ownEntries } from './own-ids.ts';
import { planEntry } from './snapshot-plan.ts';
import type { SnapshotContext } from './snapshots.ts';
import { unpackTar } from './unpack-tar.ts';

/**
 * Unpacks a whole root filesystem into an existing directory, where overlays of its layers cannot be had: slow, and correct on every
 * file system. Fails as unpackTar and ownEntries do.
 */
export async function unpackView(
  view: FileTree,
  directory: string,
  identity: Identity,
  { store, pool }: SnapshotContext,
  signal: AbortSignal,
): Promise<void> {
  const tarPath = store.blobs.ingestPath();
  try {
    const firstNames = new Map<string, string>();
    const entries: LayerPlanEntry[] = [];
    for (const entry of below(view)) entries.push(planEntry(entry, view, firstNames));
    await writeLayer(pool, { entries: ownEntries(entries, identity), path: tarPath }, signal);
    await unpackTar(tarPath, directory, { identity, sync: false }, signal);
    await chmod(directory, view.get('')?.mode ?? 0o755);
  } finally {
    await store.blobs.discard(tarPath);
  }
}

/** Every entry but the root, folders before what is in them. */
export function* below(view: Pick<FileTree, 'children'>): Generator<TreeEntry, void, undefined> {
  const pending = view.children('').toReversed();
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    yield entry;
    if (entry.type === 'dir') pending.push(...view.children(entry.path).toReversed());
  }
}
