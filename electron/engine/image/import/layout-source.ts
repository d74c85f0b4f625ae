import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../base/errors.ts';
import type { Lease, Store } from '../../store/store.ts';
import { MAX_DOCUMENT } from '../limits.ts';
import { corruptMember, mismatch } from './archive-error.ts';
import type { ImageSource } from './image-source.ts';
import { blobDigest } from './member-name.ts';

/** The names that are ever opened below the directory, besides blobs by their digest. */
const DOCUMENTS = ['index.json', 'oci-layout'];

/**
 * An OCI image layout in a directory. Only its two documents and `blobs/sha256/<hex>` are opened, and only as regular
 * files; a fifo or device in their place is not waited for.
 */
export function openLayout(
  store: Store,
  lease: Lease,
  name: string,
  directory: string,
  signal?: AbortSignal,
): ImageSource {
  async function openMember(member: string): Promise<FileHandle | undefined> {
    if (!DOCUMENTS.includes(member) && blobDigest(member) === undefined) return undefined;
    try {
      return await open(join(directory, member), constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['ENOENT', 'ENOTDIR', 'ENXIO', 'ELOOP'].includes(code)) return undefined;
      throw error;
    }
  }
  async function sizeOf(member: string, file: FileHandle): Promise<number> {
    const stat = await file.stat();
    if (!stat.isFile()) throw corruptMember(member, 'is not a regular file');
    return stat.size;
  }

  return {
    name,
    async has(member) {
      await using file = await openMember(member);
      return file !== undefined;
    },
    async document(member) {
      await using file = await openMember(member);
      if (!file) return undefined;
      const size = await sizeOf(member, file);
      if (size > MAX_DOCUMENT) throw corruptMember(member, `has ${size} bytes, more than any honest one`);
      const data = Buffer.alloc(size);
      const { bytesRead } = await file.read(data, 0, size, 0);
      return data.subarray(0, bytesRead);
    },
    async ingest(member, expected) {
      await using file = await openMember(member);
      if (!file) throw corruptMember(member, 'is named by the layout, but is not in it');
      const size = await sizeOf(member, file);
      const digest = expected?.digest ?? blobDigest(member);
      if (digest === undefined || size !== (expected?.size ?? size)) {
        throw mismatch(member, 'does not have the digest and size stated for it');
      }
      lease.add(digest);
      if (store.blobs.size(digest) === size) return { digest, size };
      const chunks = file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false });
      try {
        return await store.blobs.putStream(chunks, { digest, size }, signal);
      } catch (error) {
        if (!(error instanceof EngineError && error.code.startsWith('BLOB_'))) throw error;
        throw mismatch(member, 'does not hold what its name says');
      }
    },
  };
}
