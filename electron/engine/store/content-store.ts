import { dirname } from 'node:path';
import { digestOf, isDigest, type Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { readBlob, streamBlob } from './blob-reader.ts';
import { writeStream } from './blob-writer.ts';
import type { StoreContext } from './context.ts';
import { isDamaged, noteDamaged, noteHealed } from './damage.ts';
import { CREATE, fileSize, fsyncDirectory, READ_WRITE, withFile, writeAll } from './durable-fs.ts';
import { hold } from './leases.ts';
import { guarded, guardedSync } from './store-error.ts';
import type { ContentStore } from './store.ts';

/** What the rest of the store asks of the content store besides its contract. */
export interface InnerContentStore extends ContentStore {
  /** Whether the blob is there, sound as far as is known, and of this size. */
  hasSized(digest: Digest, size: number): boolean;
}

/**
 * The content store over `blobs/sha256`. Errors besides those of its contract: STORE_FULL, STORE_DENIED, STORE_IO, and
 * BLOB_DIGEST_INVALID for a name that is no digest.
 *
 * A blob is kept from the moment its commit begins until the first image, cache record or lease that names it; see leases.ts.
 */
export function createContentStore(context: StoreContext): InnerContentStore {
  const { layout, fs, db } = context;
  const { root } = layout;

  function soundSize(digest: Digest): number | undefined {
    const size = guardedSync(root, () => fileSize(fs, pathOf(digest)));
    return size === undefined || isDamaged(db, digest) ? undefined : size;
  }

  function pathOf(digest: Digest): string {
    if (isDigest(digest)) return layout.blob(digest);
    throw new EngineError('BLOB_DIGEST_INVALID', `${JSON.stringify(digest)} is not a sha256 digest.`);
  }

  async function discard(path: string): Promise<void> {
    checkIngest(path);
    await fs.unlink(path).catch(() => undefined);
  }

  function checkIngest(path: string): void {
    if (dirname(path) !== layout.ingest) throw new Error(`${path} is not an ingest file.`);
  }

  async function commit(path: string, digest: Digest, size: number): Promise<void> {
    checkIngest(path);
    const target = pathOf(digest);
    try {
      // The lease comes first: a blob found to be there must not be collected before the caller gets to use it.
      hold(context, digest);
      if (soundSize(digest) === size) {
        await discard(path);
        // Another process may have renamed it a moment ago, and not yet made that last.
        await fsyncDirectory(fs, layout.blobs);
        return;
      }
      await withFile(fs, path, READ_WRITE, async (file) => {
        checkSize(digest, (await file.stat()).size, size);
        await file.sync();
      });
      await fs.rename(path, target);
    } catch (error) {
      await discard(path);
      throw error;
    }
    try {
      await fsyncDirectory(fs, layout.blobs);
    } catch (error) {
      // The name may not outlive a power cut, and a second fsync would not tell: the blob has to be written again.
      noteDamaged(db, digest);
      throw error;
    }
    noteHealed(db, digest);
  }

  return {
    has: (digest) => soundSize(digest) !== undefined,
    size: soundSize,
    hasSized: (digest, size) => soundSize(digest) === size,
    path: pathOf,
    ingestPath: () => context.temporaryPath(),
    commit: (path, digest, size) => guarded(root, () => commit(path, digest, size)),
    discard,
    put: (data) =>
      guarded(root, async () => {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data;
        const digest = digestOf(bytes);
        const path = context.temporaryPath();
        hold(context, digest);
        if (soundSize(digest) === bytes.length) {
          await fsyncDirectory(fs, layout.blobs);
          return digest;
        }
        try {
          await withFile(fs, path, CREATE, (file) => writeAll(file, bytes));
        } catch (error) {
          await discard(path);
          throw error;
        }
        await commit(path, digest, bytes.length);
        return digest;
      }),
    putStream: (source, expected = {}, signal) =>
      guarded(root, async () => {
        if (expected.digest !== undefined) pathOf(expected.digest);
        const path = context.temporaryPath();
        try {
          const written = await withFile(fs, path, CREATE, (file) =>
            writeStream(file, source, expected, signal),
          );
          signal?.throwIfAborted();
          await commit(path, written.digest, written.size);
          return written;
        } catch (error) {
          await discard(path);
          throw error;
        }
      }),
    read: (digest, limit) => guarded(root, () => readBlob(context, pathOf(digest), digest, limit)),
    stream: (digest) => streamBlob(context, pathOf(digest), digest),
  };
}

function checkSize(digest: Digest, actual: number, expected: number): void {
  if (actual === expected) return;
  throw new EngineError('BLOB_SIZE_MISMATCH', `Blob ${digest} has ${actual} bytes instead of ${expected}.`);
}
