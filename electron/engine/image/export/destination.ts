import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { once } from 'node:events';
import { EngineError } from '../../base/errors.ts';

/** Where an export goes: a file's path, or a stream such as stdout, which is left open. */
export type Destination = string | Writable;

export interface ExportOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes written so far, and how many there will be. */
  readonly onProgress?: ((written: number, total: number) => void) | undefined;
}

/**
 * Writes what comes to the destination. A file appears under its name only when it is whole and on disk: it is written
 * beside it as `<name>.<random>.partial`, which is removed on failure. A device or pipe is written to as it is.
 * Fails with EXPORT_DESTINATION where the path is a directory, with an AbortError when `signal` fires.
 */
export async function writeTo(
  destination: Destination,
  chunks: AsyncIterable<Uint8Array>,
  options: ExportOptions & { readonly total: number },
): Promise<{ readonly size: number }> {
  if (typeof destination !== 'string')
    return copy(chunks, (chunk) => writeToStream(destination, chunk, options.signal), options);
  if (await isSpecialFile(destination)) {
    return withFile(destination, 'w', (file) => copy(chunks, (chunk) => writeAll(file, chunk), options));
  }
  return whole(destination, (partial) =>
    withFile(partial, 'wx', async (file) => {
      const written = await copy(chunks, (chunk) => writeAll(file, chunk), options);
      await file.sync();
      return written;
    }),
  );
}

/** Lets `write` make a file under another name and moves it to `destination` when it is done; removes it on failure. */
export async function whole<Result>(
  destination: string,
  write: (partial: string) => Promise<Result>,
): Promise<Result> {
  const partial = `${destination}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const result = await write(partial);
    await rename(partial, destination);
    return result;
  } catch (error) {
    await rm(partial, { force: true });
    throw namingDestination(error, partial, destination);
  }
}

/** Nobody knows the name under which a file is written; system errors are about the one that was asked for. */
function namingDestination(error: unknown, partial: string, destination: string): unknown {
  const { path, syscall } = error as NodeJS.ErrnoException;
  const isAboutIt = path === partial || (path === undefined && (syscall === 'write' || syscall === 'fsync'));
  return isAboutIt ? Object.assign(error as Error, { path: destination }) : error;
}

/** Whether something other than a regular file is there, to be written into. Fails with EXPORT_DESTINATION for a directory. */
export async function isSpecialFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new EngineError(
      'EXPORT_DESTINATION',
      `${path} is a directory, so no archive can be written there.`,
      {
        hint: 'Name a file in it.',
      },
    );
  }
  return found !== undefined && !found.isFile();
}

async function copy(
  chunks: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
  { signal, onProgress, total }: ExportOptions & { readonly total: number },
): Promise<{ readonly size: number }> {
  let size = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    await write(chunk);
    size += chunk.length;
    onProgress?.(size, total);
  }
  signal?.throwIfAborted();
  return { size };
}

async function withFile<Result>(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, flags, 0o644);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
}

async function writeToStream(
  stream: Writable,
  chunk: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stream.destroyed) throw stream.errored ?? new Error('The stream to write to is closed.');
  if (!stream.write(chunk)) await once(stream, 'drain', { signal });
}
