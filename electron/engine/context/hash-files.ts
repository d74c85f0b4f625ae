import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { EngineError } from '../base/errors.ts';
import type { JobContext } from '../base/worker-job.ts';
import { pathsOf, RECENT, SETTLED, stampOf, type ContextColumns } from './columns.ts';
import { fileChanged, unreadable } from './context-errors.ts';
import type { FileStamp } from '../layer/file-tree.ts';
import { hostPath } from './host-path.ts';

export interface HashInput {
  readonly root: string;
  readonly columns: ContextColumns;
  /** Rows of regular files. */
  readonly rows: Uint32Array;
}

/** A file by path, in the state in which it was found. */
export interface StampedFile {
  readonly path: string;
  readonly stamp: FileStamp;
}

export interface FileDigest {
  /** SHA-256 as hex. */
  readonly hex: string;
  /** Whether a later change of the file would show in its stamp. */
  readonly settled: boolean;
}

const CHUNK = 1 << 20;
const OPEN = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Worker job `context.hash`: writes the SHA-256 of each file's bytes into the columns and answers nothing. Memory is
 * one chunk whatever the sizes. Fails with CONTEXT_FILE_CHANGED if a file is not as the walk found it after its bytes were
 * read, CONTEXT_UNREADABLE, CANCELLED.
 */
export function hashJob({ root, columns, rows }: HashInput, job: JobContext): void {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const pathOf = pathsOf(columns);
  const goOn = goOnUnless(job);
  for (const row of rows) {
    const file = { path: pathOf(row), stamp: stampOf(columns, row) };
    const { digest, settled } = hashFile(root, file, buffer, goOn);
    columns.digests.set(digest, row * 32);
    Atomics.store(columns.known, row, settled ? SETTLED : RECENT);
  }
}

/** Worker job `context.hashFiles`: the same for files that are in no columns; answers their digests in the order asked. */
export function hashFilesJob(
  { root, files }: { readonly root: string; readonly files: readonly StampedFile[] },
  job: JobContext,
): readonly FileDigest[] {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, ...files.map(({ stamp }) => stamp.size))));
  return files.map((file) => {
    const { digest, settled } = hashFile(root, file, buffer, goOnUnless(job));
    return { hex: digest.toString('hex'), settled };
  });
}

function goOnUnless(job: JobContext): () => void {
  return () => {
    if (job.cancelled()) throw new EngineError('CANCELLED', 'The build was cancelled.');
  };
}

function hashFile(
  root: string,
  { path, stamp }: StampedFile,
  buffer: Buffer,
  goOn: () => void,
): { digest: Buffer; settled: boolean } {
  let fd: number | undefined;
  try {
    // Taken first: a write while a long read goes on must not count as older than the read.
    const now = Date.now();
    fd = openSync(hostPath(root, path), OPEN);
    const digest = hashBytes(fd, stamp.size, buffer, goOn);
    const stats = fstatSync(fd);
    // Asked after the last byte, this covers everything since the walk; what is no regular file differs in its inode.
    const same =
      digest !== undefined &&
      stats.isFile() &&
      stats.size === stamp.size &&
      stats.mtimeMs === stamp.mtimeMs &&
      stats.ctimeMs === stamp.ctimeMs &&
      stats.ino === stamp.ino &&
      stats.dev === stamp.dev;
    if (!same) throw fileChanged(path);
    return { digest, settled: isSettled(stats, now) };
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw code !== undefined && GONE.has(code) ? fileChanged(path) : unreadable(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What opening or reading says when a file was removed or something else took its place. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO', 'EAGAIN']);

/** The digest of exactly `size` bytes; undefined where there are fewer. */
function hashBytes(fd: number, size: number, buffer: Buffer, goOn: () => void): Buffer | undefined {
  if (size <= buffer.length) {
    const filled = fill(fd, buffer, size);
    goOn();
    return filled === size ? hash('sha256', buffer.subarray(0, size), 'buffer') : undefined;
  }
  const sum = createHash('sha256');
  for (let left = size; left > 0;) {
    const filled = fill(fd, buffer, Math.min(left, buffer.length));
    if (filled === 0) return undefined;
    sum.update(buffer.subarray(0, filled));
    left -= filled;
    goOn();
  }
  return sum.digest();
}

function fill(fd: number, buffer: Buffer, size: number): number {
  let filled = 0;
  while (filled < size) {
    const read = readSync(fd, buffer, filled, size - filled, null);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** A later write in the same tick of the file system's clock would leave all times as they are. */
const FINE_TICK_MS = 20;
const COARSE_TICK_MS = 2_000;

/** Whether a later change would show in the file's times. */
export function isSettled(
  times: { readonly mtimeMs: number; readonly ctimeMs: number },
  now: number,
): boolean {
  const tick = times.ctimeMs % 1_000 === 0 ? COARSE_TICK_MS : FINE_TICK_MS;
  return now - Math.max(times.mtimeMs, times.ctimeMs) > tick;
}
