import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { displayName, fsPath } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { ContentSource, FileStamp } from './file-tree.ts';

/** Reads the bytes behind {@link ContentSource}s synchronously: for worker threads. */
export interface ContentReader extends Disposable {
  /**
   * Hands over all bytes of the source: `space` is asked for room, is told by `filled` how much of it was used, and so on
   * until `size` bytes came. Fails with CONTEXT_FILE_CHANGED where a host file is not, or does not stay, what its stamp
   * says, and with LAYER_TRUNCATED where a blob is too short.
   */
  read(source: ContentSource, size: number, sink: ContentSink): void;
}

export interface ContentSink {
  /** A place for the next bytes, never empty. */
  space(): Buffer;
  filled(length: number): void;
}

const HOST_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MAX_OPEN_BLOBS = 32;
const CHUNK = 1024 * 1024;

export function createContentReader(): ContentReader {
  const blobs = new Map<string, number>();

  function blobFile(path: string): number {
    const known = blobs.get(path);
    if (known !== undefined) return known;
    if (blobs.size >= MAX_OPEN_BLOBS) closeBlobs();
    const file = openBlob(path);
    blobs.set(path, file);
    return file;
  }
  function closeBlobs(): void {
    for (const file of blobs.values()) closeSync(file);
    blobs.clear();
  }

  return {
    read(source, size, sink) {
      if (source.kind === 'host') readHost(source.path, source.stamp, size, sink);
      else if (source.kind === 'blob') {
        const { path, offset } = source;
        if (source.size !== size || !readAll(blobFile(path), size, sink, offset)) {
          throw tooShort(path);
        }
      } else {
        if (source.data.length !== size)
          throw new Error('The bytes of a file do not have the size of its entry.');
        copyAll(source.data, sink);
      }
    },
    [Symbol.dispose]: closeBlobs,
  };
}

/**
 * The bytes of a source in pieces of up to 1 MiB, each in memory of its own, read synchronously as they are asked for.
 * Fails as {@link ContentReader}'s `read`; a host file's last check comes after its last piece.
 */
export function* contentChunks(source: ContentSource): Generator<Buffer, void, undefined> {
  if (source.kind === 'bytes') {
    yield Buffer.from(source.data);
    return;
  }
  const isHost = source.kind === 'host';
  const file = isHost ? openHost(source.path, source.stamp) : openBlob(source.path);
  try {
    const size = isHost ? source.stamp.size : source.size;
    for (let done = 0; done < size;) {
      const piece = Buffer.allocUnsafe(Math.min(CHUNK, size - done));
      const length = readSync(file, piece, 0, piece.length, isHost ? null : source.offset + done);
      if (length === 0) throw isHost ? sourceChanged(source.path) : tooShort(source.path);
      done += length;
      yield piece.subarray(0, length);
    }
    if (isHost && !isStill(source.stamp, fstatSync(file))) throw sourceChanged(source.path);
  } finally {
    closeSync(file);
  }
}

function readHost(path: string, stamp: FileStamp, size: number, sink: ContentSink): void {
  const file = openHost(path, stamp);
  try {
    if (stamp.size !== size || !readAll(file, size, sink, null) || !isStill(stamp, fstatSync(file))) {
      throw sourceChanged(path);
    }
  } finally {
    closeSync(file);
  }
}

/** Opens a host file that is still what its stamp says, and cannot hang: a pipe in its place opens without a writer. */
function openHost(path: string, stamp: FileStamp): number {
  let file: number;
  try {
    file = openSync(fsPath(path), HOST_FLAGS);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO')
      throw sourceChanged(path, cause);
    throw cause;
  }
  if (isStill(stamp, fstatSync(file))) return file;
  closeSync(file);
  throw sourceChanged(path);
}

function openBlob(path: string): number {
  return openSync(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW);
}

/** False where the file ends before `size` bytes. */
function readAll(file: number, size: number, sink: ContentSink, offset: number | null): boolean {
  for (let done = 0; done < size;) {
    const space = sink.space();
    const position = offset === null ? null : offset + done;
    const length = readSync(file, space, 0, Math.min(space.length, size - done), position);
    if (length === 0) return false;
    sink.filled(length);
    done += length;
  }
  return true;
}

function copyAll(data: Uint8Array, sink: ContentSink): void {
  for (let done = 0; done < data.length;) {
    const space = sink.space();
    const part = data.subarray(done, done + space.length);
    space.set(part);
    sink.filled(part.length);
    done += part.length;
  }
}

function isStill(stamp: FileStamp, now: Stats): boolean {
  return (
    now.isFile() &&
    now.size === stamp.size &&
    now.mtimeMs === stamp.mtimeMs &&
    now.ctimeMs === stamp.ctimeMs &&
    now.ino === stamp.ino &&
    now.dev === stamp.dev
  );
}

/** CONTEXT_FILE_CHANGED for a host file that is not what was found there. */
export function sourceChanged(path: string, cause?: unknown): EngineError {
  return new EngineError(
    'CONTEXT_FILE_CHANGED',
    `"${displayName(path)}" changed while the build was reading it.`,
    {
      hint: 'Build again when nothing writes to the folder, or list the file in .dockerignore.',
      cause,
    },
  );
}

function tooShort(path: string): EngineError {
  return new EngineError('LAYER_TRUNCATED', `The layer ${path} is shorter than its table of contents says.`);
}
