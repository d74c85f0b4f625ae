import { displayName } from '../base/byte-path.ts';
import type { Pattern } from '../base/patterns.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { ContextColumns } from './columns.ts';
import type { WalkInput, WalkOutput } from './walk.ts';

export interface ContextWarning {
  readonly code: string;
  readonly message: string;
}

export interface ContextStats {
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
  readonly walkedMs: number;
}

export interface WalkFolderOptions {
  /** Absolute path of the folder, symlinks resolved. */
  readonly root: string;
  /** What the ignore file says. */
  readonly patterns: readonly Pattern[];
  readonly pool: WorkerPool;
  readonly statCachePath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears how many files were found so far. */
  readonly onFiles?: ((files: number) => void) | undefined;
}

export interface WalkedFolder {
  readonly columns: ContextColumns;
  /** What was left out and why. */
  readonly warnings: readonly ContextWarning[];
  readonly stats: ContextStats;
}

/** Walks a folder in a worker thread. Fails as walkJob does. */
export async function walkFolder(options: WalkFolderOptions): Promise<WalkedFolder> {
  const { root, patterns, pool, statCachePath, signal, onFiles } = options;
  const start = performance.now();
  const input: WalkInput = { root, ignore: patterns, statCachePath };
  const { columns, special, files, bytes } = await pool.run<WalkOutput>('context.walk', input, {
    signal,
    ...(onFiles ? { onProgress: (found) => onFiles(found as number) } : {}),
  });
  return {
    columns,
    warnings: specialFileWarnings(special),
    stats: { files, bytes, walkedMs: performance.now() - start },
  };
}

function specialFileWarnings({ paths, count }: WalkOutput['special']): ContextWarning[] {
  if (count === 0) return [];
  const more = count - paths.length;
  const names =
    paths.map((path) => `"${displayName(path)}"`).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return [
    {
      code: 'CONTEXT_SPECIAL_FILE',
      message: `Sockets, pipes and devices are left out of the build context: ${names}.`,
    },
  ];
}
