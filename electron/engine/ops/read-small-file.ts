import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fsPath } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { sourceChanged } from '../layer/content-reader.ts';
import type { ContentSource, FileTree } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';

const LIMIT = 1024 * 1024;

/**
 * The text (UTF-8) of a small file of the tree, symbolic links followed inside the tree; undefined where there is no
 * regular file. Fails with FILE_TOO_LARGE above 1 MiB, with CONTEXT_FILE_CHANGED where a file of the host is not what it
 * was when it was listed, and with SYMLINK_LOOP.
 */
export async function readSmallFile(tree: FileTree, path: string): Promise<string | undefined> {
  const { entry } = resolvePath(tree, path, { followLast: true });
  if (entry?.type !== 'file') return undefined;
  if (entry.size > LIMIT) {
    throw new EngineError('FILE_TOO_LARGE', `/${entry.path} of ${tree.label} is larger than 1 MiB.`);
  }
  return (await readContent(tree.content(entry), entry.size)).toString('utf8');
}

async function readContent(source: ContentSource, size: number): Promise<Buffer> {
  if (source.kind === 'bytes') return Buffer.from(source.data);
  const fromHost = source.kind === 'host';
  const flags = constants.O_RDONLY | (fromHost ? constants.O_NOFOLLOW | constants.O_NONBLOCK : 0);
  await using handle = await open(fsPath(source.path), flags);
  if (fromHost) {
    const { dev, ino, size: now, mtimeMs, ctimeMs } = await handle.stat();
    const { stamp } = source;
    if (
      dev !== stamp.dev ||
      ino !== stamp.ino ||
      now !== stamp.size ||
      mtimeMs !== stamp.mtimeMs ||
      ctimeMs !== stamp.ctimeMs
    ) {
      throw sourceChanged(source.path);
    }
  }
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, fromHost ? 0 : source.offset);
  return buffer.subarray(0, bytesRead);
}
