import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { reasonOf } from './context-errors.ts';
import { contextTree } from './context-tree.ts';
import type { LiveContext } from './live-context.ts';
import { walkFolder, type ContextStats, type ContextWarning } from './walk-folder.ts';
import { readSmallFile } from './dockerfile-file.ts';
import { compileIgnore, parseIgnoreFile, type IgnorePattern } from './dockerignore.ts';

/** A local folder that a build may read. Opening it reads the ignore file only; its tree is walked when somebody asks for it. */
export interface ContextFolder {
  /** Absolute path of the folder, symlinks resolved. */
  readonly root: string;
  readonly ignore: {
    /** Name of the ignore file in use, for messages; undefined where there is none. */
    readonly file: string | undefined;
    readonly patterns: readonly IgnorePattern[];
  };
  /** Whether the ignore file leaves this path out. */
  isIgnored(path: string): boolean;
  /**
   * Walks the folder in a worker thread, once however often it is asked. `onFiles` hears how many files were found so far.
   * Fails with CONTEXT_UNREADABLE naming the path.
   */
  tree(onFiles?: (files: number) => void): Promise<FileTree>;
  /** What the walk left out and why; empty before it. */
  warnings(): readonly ContextWarning[];
  /** Undefined before the walk. */
  stats(): ContextStats | undefined;
}

export interface OpenFolderOptions {
  /** As {@link resolveFolder} answers it. */
  readonly root: string;
  /** What the tree is called in messages. */
  readonly label: string;
  /** Absolute paths; the first that is there holds what is left out. */
  readonly ignoreFiles: readonly string[];
  readonly pool: WorkerPool;
  /** Folder in which digests are kept from build to build, one file a context; nothing is kept without it. */
  readonly cacheFolder?: string | undefined;
  /** Knows the folder from earlier builds; without it the folder is walked. */
  readonly live?: LiveContext | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const LARGEST_IGNORE_FILE = 4 << 20;

/** Opens a folder as it stands. Fails with CONTEXT_UNREADABLE or CONTEXT_IGNORE_SYNTAX. */
export async function openFolder(options: OpenFolderOptions): Promise<ContextFolder> {
  const { root, label, pool, cacheFolder, live, signal } = options;
  const ignore = await readIgnore(options.ignoreFiles);
  const matcher = compileIgnore(ignore.patterns);
  const statCachePath =
    cacheFolder === undefined
      ? undefined
      : join(cacheFolder, createHash('sha256').update(root).digest('hex').slice(0, 32));

  let walking: Promise<FileTree> | undefined;
  let warnings: readonly ContextWarning[] = [];
  let stats: ContextStats | undefined;
  const walk = async (onFiles?: (files: number) => void): Promise<FileTree> => {
    const options = { root, label, patterns: ignore.patterns, pool, statCachePath, signal, onFiles };
    if (live) {
      const known = await live.tree(options);
      ({ warnings, stats } = known);
      return known.tree;
    }
    const walked = await walkFolder(options);
    ({ warnings, stats } = walked);
    return contextTree(walked.columns, options);
  };

  return {
    root,
    ignore,
    isIgnored: matcher.matches,
    tree: (onFiles) => (walking ??= walk(onFiles)),
    warnings: () => warnings,
    stats: () => stats,
  };
}

/** The folder's absolute path, symlinks resolved. Fails with CONTEXT_NOT_FOUND or CONTEXT_NOT_DIRECTORY. */
export async function resolveFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new EngineError('CONTEXT_NOT_FOUND', `There is no folder ${folder}.`, { cause: error });
    }
    if (code !== 'ENOTDIR') throw unreadable(folder, error);
  }
  throw new EngineError('CONTEXT_NOT_DIRECTORY', `${folder} is not a folder.`, {
    hint: 'Name the folder whose files the build reads; choose its Dockerfile with --file.',
  });
}

async function readIgnore(paths: readonly string[]): Promise<ContextFolder['ignore']> {
  for (const path of paths) {
    const file = basename(path);
    const bytes = await readSmallFile(path, LARGEST_IGNORE_FILE).catch((error: unknown) => {
      throw unreadable(file, error);
    });
    if (bytes) return { file, patterns: parseIgnoreFile(decodeName(bytes), file) };
  }
  return { file: undefined, patterns: [] };
}

/** For the folder itself and its ignore file, which no ignore file can leave out. */
function unreadable(name: string, error: unknown): EngineError {
  const shown = name.length > 150 ? `${name.slice(0, 150)}…` : name;
  return new EngineError('CONTEXT_UNREADABLE', `"${shown}" cannot be read: ${reasonOf(error)}.`, {
    cause: error,
  });
}
