import { join } from 'node:path';
import type { WorkerPool } from '../base/worker-pool.ts';
import { findDockerfile, type DockerfileFile } from './dockerfile-file.ts';
import type { LiveContext } from './live-context.ts';
import { openFolder, resolveFolder, type ContextFolder } from './open-folder.ts';

/** A local folder as build context, with the Dockerfile that is built in it. */
export interface BuildContext extends ContextFolder {
  readonly dockerfile: DockerfileFile;
}

export interface OpenContextOptions {
  readonly folder: string;
  /** Relative to the folder, or absolute; may lie outside it. */
  readonly dockerfile?: string | undefined;
  readonly pool: WorkerPool;
  /** Folder in which digests are kept from build to build, one file a context; nothing is kept without it. */
  readonly cacheFolder?: string | undefined;
  /** Knows the folder from earlier builds; without it the folder is walked. */
  readonly live?: LiveContext | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a folder as build context; `<Dockerfile>.dockerignore` replaces the folder's `.dockerignore`. Fails with
 * CONTEXT_NOT_FOUND, CONTEXT_NOT_DIRECTORY, CONTEXT_UNREADABLE, DOCKERFILE_NOT_FOUND or CONTEXT_IGNORE_SYNTAX.
 */
export async function openContext(options: OpenContextOptions): Promise<BuildContext> {
  const { pool, cacheFolder, live, signal } = options;
  signal?.throwIfAborted();
  const root = await resolveFolder(options.folder);
  const dockerfile = await findDockerfile(root, options.dockerfile);
  const ignoreFiles = [`${dockerfile.path}.dockerignore`, join(root, '.dockerignore')];
  const folder = await openFolder({
    ...{ root, ignoreFiles, pool, cacheFolder, live, signal },
    label: 'the build context',
  });
  return { ...folder, dockerfile };
}

/** Opens a folder that is a build context beside the main one, with its own `.dockerignore`. Fails as openContext does. */
export async function openNamedContext(
  name: string,
  options: Omit<OpenContextOptions, 'dockerfile' | 'live'>,
): Promise<ContextFolder> {
  const { pool, cacheFolder, signal } = options;
  const root = await resolveFolder(options.folder);
  return openFolder({
    ...{ root, pool, cacheFolder, signal },
    label: `the build context "${name}"`,
    ignoreFiles: [join(root, '.dockerignore')],
  });
}
