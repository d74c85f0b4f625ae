import { EngineError } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { ContentSource, FileTree, TreeEntry } from '../layer/file-tree.ts';
import { DIRECTORY, FILE } from './columns.ts';
import type { FileDigest, StampedFile } from './hash-files.ts';
import { hostName } from './host-path.ts';
import { nodeAt, type LiveEntry, type LiveNode } from './live-node.ts';

export interface LiveTreeOptions {
  /** Absolute path of the context's folder. */
  readonly root: string;
  readonly label: string;
  readonly pool: WorkerPool;
}

/** The file tree of a live context as it stands; later changes make another one. Fails as contextTree does. */
export function liveTree(top: LiveNode, options: LiveTreeOptions): FileTree {
  const { root, label } = options;
  let hashing: Promise<unknown> = Promise.resolve();

  const visibleAt = (path: string): LiveNode | undefined => {
    const node = nodeAt(top, path);
    return node?.visible === true ? node : undefined;
  };
  const fileOf = (file: TreeEntry): LiveNode => {
    const node = (file as Partial<LiveEntry>).node ?? nodeAt(top, file.path);
    if (node?.kind === FILE && node.entry.path === file.path) return node;
    throw new EngineError('INTERNAL', `"${file.path}" is not a file of the build context.`);
  };

  return {
    label,
    get: (path) => visibleAt(path)?.entry,
    children(path) {
      const node = visibleAt(path);
      return node?.kind === DIRECTORY ? listedIn(node) : [];
    },
    async digests(files, signal) {
      const nodes = files.map(fileOf);
      // One after the other, so that steps that copy the same files do not hash them twice.
      const mine = hashing.then(() => hashNodes(nodes, options, signal));
      hashing = mine.catch(() => undefined);
      await mine;
      return nodes.map((node) => node.digest!.hex);
    },
    content(file): ContentSource {
      const { stamp, digest } = fileOf(file);
      return {
        kind: 'host',
        path: hostName(root, file.path),
        stamp,
        ...(digest?.settled === false ? { recent: true } : {}),
      };
    },
  };
}

function listedIn(directory: LiveNode): readonly LiveEntry[] {
  directory.listed ??= directory.children.filter(({ visible }) => visible).map(({ entry }) => entry);
  return directory.listed;
}

/** Hashes those of these files whose digest is not known. Fails with CONTEXT_FILE_CHANGED or CONTEXT_UNREADABLE. */
export async function hashNodes(
  nodes: readonly LiveNode[],
  { root, pool }: Pick<LiveTreeOptions, 'root' | 'pool'>,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const unknown = nodes.filter(({ digest }) => digest === undefined);
  const size = Math.max(500, Math.ceil(unknown.length / pool.size));
  const batches: LiveNode[][] = [];
  for (let start = 0; start < unknown.length; start += size) batches.push(unknown.slice(start, start + size));
  const hashed = await Promise.allSettled(
    batches.map(async (batch) => {
      const files = batch.map(({ entry, stamp }): StampedFile => ({ path: entry.path, stamp }));
      const digests = await pool.run<readonly FileDigest[]>('context.hashFiles', { root, files }, { signal });
      for (const [i, node] of batch.entries()) node.digest = digests[i];
    }),
  );
  for (const result of hashed) if (result.status === 'rejected') throw result.reason;
}
