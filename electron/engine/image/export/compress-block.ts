import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Digest } from '../../base/digest.ts';
import type { JobContext } from '../../base/worker-job.ts';
import { cancellation } from '../../layer/cancellation.ts';
import { fileChunks } from '../../layer/file-chunks.ts';

export type Compression = 'gzip' | 'zstd';

export interface CompressBlockInput {
  readonly path: string;
  readonly start: number;
  /** Bytes; the file must have them all. */
  readonly length: number;
  readonly compression: Compression;
}

/**
 * A worker's part of compressLayer: one piece of a file as a gzip member (RFC 1952, 2.2) or zstd frame (RFC 8878, 3.1) of its
 * own. Members and frames one after the other are read as one.
 */
export function compressBlockJob({ path, start, length, compression }: CompressBlockInput): Uint8Array {
  const block = Buffer.allocUnsafeSlow(length);
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (let filled = 0; filled < length;) {
      const count = readSync(file, block, filled, length - filled, start + filled);
      if (count === 0) throw new Error(`${path} ended while it was being compressed.`);
      filled += count;
    }
  } finally {
    closeSync(file);
  }
  return compression === 'gzip' ? gzipSync(block) : zstdCompressSync(block);
}

/** The digest of a file, made in a worker. */
export function digestFileJob(
  { path }: { readonly path: string },
  context: Pick<JobContext, 'cancelled'>,
): Digest {
  const hash = createHash('sha256');
  for (const chunk of fileChunks(path)) {
    if (context.cancelled()) throw cancellation();
    hash.update(chunk);
  }
  return `sha256:${hash.digest('hex')}`;
}
