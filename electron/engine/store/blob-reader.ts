import { createHash } from 'node:crypto';
import { digestOf, type Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { StoreContext } from './context.ts';
import { noteDamaged } from './damage.ts';
import { READ, withFile, type StoreFile, type StoreFs } from './durable-fs.ts';
import { storeError } from './store-error.ts';

const DEFAULT_LIMIT = 4 * 1024 * 1024;
const CHUNK = 256 * 1024;

/**
 * The whole blob, verified. BLOB_MISSING, BLOB_TOO_LARGE, BLOB_CORRUPT; a corrupt blob counts as missing from then on, so
 * that it is written again.
 */
export async function readBlob(
  context: StoreContext,
  path: string,
  digest: Digest,
  limit: number = DEFAULT_LIMIT,
): Promise<Buffer> {
  return withBlob(context.fs, path, digest, async (file) => {
    const { size } = await file.stat();
    if (size > limit) {
      throw new EngineError(
        'BLOB_TOO_LARGE',
        `Blob ${digest} has ${size} bytes; at most ${limit} are read at once.`,
      );
    }
    const data = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(data, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < size || digestOf(data) !== digest) throw corrupt(context, digest);
    return data;
  });
}

/** The blob in chunks. Its end is reached only if it was what its name says; otherwise BLOB_MISSING or BLOB_CORRUPT. */
export async function* streamBlob(
  context: StoreContext,
  path: string,
  digest: Digest,
): AsyncGenerator<Buffer> {
  let file: StoreFile | undefined;
  try {
    file = await openBlob(context.fs, path, digest);
    const hash = createHash('sha256');
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK);
      const { bytesRead } = await file.read(chunk, 0, CHUNK, null);
      if (bytesRead === 0) break;
      const filled = chunk.subarray(0, bytesRead);
      hash.update(filled);
      yield filled;
    }
    if (`sha256:${hash.digest('hex')}` !== digest) throw corrupt(context, digest);
  } catch (error) {
    throw storeError(context.layout.root, error);
  } finally {
    await file?.close().catch(() => undefined);
  }
}

async function withBlob<T>(
  fs: StoreFs,
  path: string,
  digest: Digest,
  work: (file: StoreFile) => Promise<T>,
): Promise<T> {
  try {
    return await withFile(fs, path, READ, work);
  } catch (error) {
    throw asMissing(error, digest);
  }
}

async function openBlob(fs: StoreFs, path: string, digest: Digest): Promise<StoreFile> {
  try {
    return await fs.open(path, READ);
  } catch (error) {
    throw asMissing(error, digest);
  }
}

/** ELOOP, because a symbolic link in place of a blob is not followed; EISDIR for a directory of that name. */
function asMissing(error: unknown, digest: Digest): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ELOOP' && code !== 'EISDIR') return error;
  return new EngineError('BLOB_MISSING', `Blob ${digest} is not in the store.`, { cause: error });
}

function corrupt(context: StoreContext, digest: Digest): EngineError {
  noteDamaged(context.db, digest);
  return new EngineError(
    'BLOB_CORRUPT',
    `Blob ${digest} is damaged: its content is not what its name says.`,
    {
      hint: 'Build the image again, or load or pull it again; the blob is then replaced.',
    },
  );
}
