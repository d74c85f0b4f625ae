import { mkdir } from 'node:fs/promises';
import { displayName } from '../base/byte-path.ts';
import { ownEntries } from '../executor/own-ids.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { writeLayer } from '../layer/write-layer.ts';
import { selectionLines } from './copy-key.ts';
import { missingSource } from './missing-source.ts';
import type { OperationContext } from './operation.ts';
import { selectedFiles, type SelectedEntry, type Selection } from './selection.ts';
import { cleanPath, joinPath } from './source-path.ts';

/** What a mount shows: a folder with all that is in it, or a single file, as one root of a selection. */
export interface MountSource extends Selection {
  /** Where it is, links followed inside the tree. */
  readonly path: string;
}

/**
 * What `source` names in the tree: no wildcards, links followed inside the tree only, sockets left out. Fails with
 * COPY_SOURCE_NOT_FOUND at the instruction, and SYMLINK_LOOP.
 */
export function selectMount(
  tree: FileTree,
  source: string,
  { step, isIgnored }: Pick<OperationContext, 'step'> & { readonly isIgnored?: (path: string) => boolean },
): MountSource {
  const { path, entry = path === '' ? ROOT : undefined } = resolvePath(tree, cleanPath(source), {
    followLast: true,
  });
  if (entry === undefined || entry.type === 'socket') {
    throw missingSource(tree, source, { ...step, ...(isIgnored ? { isIgnored } : {}) });
  }
  const entries = entry.type === 'dir' ? [...below(tree, entry)] : [{ path: '', entry }];
  return { tree, path, roots: [{ name: '', entry, countsItself: true, entries }] };
}

/** A tree need not have an entry for its root. */
const ROOT: TreeEntry = { path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

function* below(tree: FileTree, top: TreeEntry): Generator<SelectedEntry, void, undefined> {
  const skip = top.path === '' ? 0 : top.path.length + 1;
  const pending = tree.children(top.path).toReversed();
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    if (entry.type === 'socket') continue;
    yield { path: entry.path.slice(skip), entry };
    if (entry.type === 'dir') pending.push(...tree.children(entry.path).toReversed());
  }
}

/** A source whose files have been read once. */
export interface HashedSource extends MountSource {
  /** SHA-256 of each file by its path in the tree. */
  readonly digests: ReadonlyMap<string, string>;
  /** All that is shown, as canonical text for the key; never a time. */
  readonly lines: string;
}

/** Reads what a mount shows. Fails as the tree's `digests` does. */
export async function hashMount(source: MountSource, signal: AbortSignal): Promise<HashedSource> {
  const files = selectedFiles(source);
  const hashes = await source.tree.digests(files, signal);
  const digests = new Map(files.map((file, i) => [file.path, hashes[i]!]));
  return { ...source, digests, lines: selectionLines(source, digests) };
}

/** Where {@link unpackMount} puts things below the folder it is given. */
export const CONTENT = 'content';

/**
 * Unpacks entries below `content` into the folder `directory`, which is made where it is missing. Files' bytes are compared with what
 * was hashed. Fails with CONTEXT_FILE_CHANGED, and as ownEntries and unpackTar do.
 */
export async function unpackEntries(
  entries: readonly LayerPlanEntry[],
  directory: string,
  { pool, store, executor, signal }: Pick<OperationContext, 'pool' | 'store' | 'executor' | 'signal'>,
): Promise<void> {
  const tarPath = store.blobs.ingestPath();
  try {
    const own = ownEntries(entries, await executor.identity());
    await writeLayer(pool, { entries: own, path: tarPath }, signal);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await executor.unpackTar(tarPath, directory, signal);
  } finally {
    await store.blobs.discard(tarPath);
  }
}

/**
 * What a source is as entries of a tar, the folder or file itself called `content`, parents first. Devices become empty files, as in the
 * layers that RUN works on.
 */
export function planSource({ tree, roots, digests }: HashedSource): readonly LayerPlanEntry[] {
  const [root] = roots;
  const firstNames = new Map<string, string>();
  const plan = (path: string, entry: TreeEntry): LayerPlanEntry => {
    const { mode, uid, gid, mtime, inode, linkname, xattrs } = entry;
    const common = { path, mode, uid, gid, mtime };
    const first = inode === undefined ? undefined : firstNames.get(inode);
    if (first !== undefined) return { ...common, type: 'hardlink', size: 0, linkname: first };
    if (inode !== undefined) firstNames.set(inode, path);
    const more = xattrs === undefined ? {} : { xattrs };
    switch (entry.type) {
      case 'file': {
        const digest = digests.get(entry.path);
        if (digest === undefined) throw new Error(`The digest of ${displayName(entry.path)} is not known.`);
        return { ...common, ...more, type: 'file', size: entry.size, digest, source: tree.content(entry) };
      }
      case 'symlink':
        return { ...common, ...more, type: 'symlink', size: 0, linkname: linkname ?? '' };
      case 'dir':
      case 'fifo':
        return { ...common, ...more, type: entry.type, size: 0 };
      default:
        return { ...common, type: 'file', size: 0, source: { kind: 'bytes', data: new Uint8Array() } };
    }
  };
  const entries = root!.entries.map(({ path, entry }) => plan(joinPath(CONTENT, path), entry));
  return root!.entry.type === 'dir' ? [plan(CONTENT, root!.entry), ...entries] : entries;
}
