import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { EngineError } from '../base/errors.ts';
import { reasonOf } from './context-errors.ts';

/** The Dockerfile of a build; it may lie outside the context, and be ignored by it. */
export interface DockerfileFile {
  /** As the user named it, for messages. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Its bytes, at most 4 MiB. Fails with DOCKERFILE_NOT_FOUND, DOCKERFILE_UNREADABLE, DOCKERFILE_TOO_LARGE. */
  read(): Promise<Buffer>;
}

export const DEFAULT_NAMES = ['Dockerfile', 'dockerfile', 'Containerfile'] as const;
const LARGEST = 4 << 20;

/**
 * Finds the Dockerfile: `name` relative to the context's folder or absolute, else `Dockerfile`, `dockerfile`,
 * `Containerfile`, whichever is there first. Fails with DOCKERFILE_NOT_FOUND, whose hint lists what might be meant.
 */
export async function findDockerfile(root: string, name?: string): Promise<DockerfileFile> {
  if (name !== undefined) {
    const path = isAbsolute(name) ? name : join(root, name);
    if (await isThere(path)) return dockerfileAt(path, name);
    throw await notFound(`There is no Dockerfile at ${name}.`, dirname(path));
  }
  for (const candidate of DEFAULT_NAMES) {
    const path = join(root, candidate);
    if (await isThere(path)) return dockerfileAt(path, candidate);
  }
  throw await notFound(`There is no Dockerfile in ${root}.`, root);
}

/** The file at this path as a Dockerfile, there or not; `name` is for messages. */
export function dockerfileAt(path: string, name: string): DockerfileFile {
  return {
    name,
    path,
    async read() {
      const text = await readSmallFile(path, LARGEST).catch((error: unknown) => {
        throw unusable(name, error);
      });
      if (text) return text;
      throw await notFound(`There is no Dockerfile at ${name}.`, dirname(path));
    },
  };
}

/**
 * Reads a regular file that is small by nature; undefined where there is none. Nothing else is read (a pipe would never
 * end), and never more than `limit` bytes: then it fails with FILE_TOO_LARGE, with NOT_A_FILE, or as the system says.
 */
export async function readSmallFile(path: string, limit: number): Promise<Buffer | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new EngineError('NOT_A_FILE', `${path} is not a regular file.`);
    if (stats.size > limit)
      throw new EngineError('FILE_TOO_LARGE', `${path} is larger than ${limit >> 20} MiB.`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(stats.size), 0, stats.size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function unusable(name: string, error: unknown): EngineError {
  if (error instanceof EngineError && error.code === 'FILE_TOO_LARGE') {
    return new EngineError('DOCKERFILE_TOO_LARGE', `${name} is larger than ${LARGEST >> 20} MiB.`, {
      file: name,
    });
  }
  return new EngineError('DOCKERFILE_UNREADABLE', `"${name}" cannot be read: ${reasonOf(error)}.`, {
    file: name,
    cause: error,
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await using handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return handle.fd >= 0;
  } catch (error) {
    return !isMissing(error);
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function notFound(message: string, folder: string): Promise<EngineError> {
  const names = await readdir(folder).catch(() => []);
  const similar = names.filter(
    (name) => /dockerfile|containerfile/i.test(basename(name)) && !name.endsWith('.dockerignore'),
  );
  return new EngineError('DOCKERFILE_NOT_FOUND', message, {
    hint:
      similar.length === 0
        ? 'Put a file named Dockerfile into the folder, or name another one with --file.'
        : `Name one with --file; the folder has ${similar.sort().slice(0, 8).join(', ')}.`,
  });
}
