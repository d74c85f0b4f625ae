import * as fs from 'node:fs';
import { constants, promises } from 'node:fs';
import { dirname } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { removeTree } from '../base/remove-tree.ts';

/** An open file, as far as the store needs one. */
export type StoreFile = Pick<FileHandle, 'read' | 'write' | 'sync' | 'stat' | 'close'>;

type SyncCalls =
  | 'openSync'
  | 'writeSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'lstatSync'
  | 'readdirSync'
  | 'readSync'
  | 'readFileSync'
  | 'mkdirSync';

/** Every file system call the store makes, so that a test can make any one of them fail. Signatures are Node's. */
export interface StoreFs extends Pick<typeof fs, SyncCalls> {
  open(path: string, flags: number): Promise<StoreFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes a file or a whole directory; nothing there is no error. */
  remove(path: string): Promise<void>;
}

/** The real file system. */
export const nodeFs: StoreFs = {
  openSync: fs.openSync,
  writeSync: fs.writeSync,
  fsyncSync: fs.fsyncSync,
  closeSync: fs.closeSync,
  renameSync: fs.renameSync,
  unlinkSync: fs.unlinkSync,
  lstatSync: fs.lstatSync,
  readdirSync: fs.readdirSync,
  readSync: fs.readSync,
  readFileSync: fs.readFileSync,
  mkdirSync: fs.mkdirSync,
  open: promises.open,
  rename: promises.rename,
  unlink: promises.unlink,
  remove: removeTree,
};

const NOFOLLOW = constants.O_NOFOLLOW ?? 0;

/** Flags for `open`. None of them follows a symbolic link put in place of the file. */
export const READ = constants.O_RDONLY | NOFOLLOW;
export const READ_WRITE = constants.O_RDWR | NOFOLLOW;
export const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NOFOLLOW;
export const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | NOFOLLOW;

/** A directory cannot be opened for fsync on Windows, where NTFS journals names by itself. */
const CAN_SYNC_DIRECTORIES = process.platform !== 'win32';

/** Writes all of the data: a disk that fills up shows as a short write before it shows as an error. */
export async function writeAll(file: StoreFile, data: Uint8Array): Promise<void> {
  for (let done = 0; done < data.length;) {
    done += (await file.write(data, done, data.length - done)).bytesWritten;
  }
}

/**
 * Opens, works, closes. An error of close counts as the work's: some file systems report a failed write only there.
 * After an error the file is closed once and nothing is tried again on it.
 */
export async function withFile<T>(
  storeFs: StoreFs,
  path: string,
  flags: number,
  work: (file: StoreFile) => Promise<T>,
): Promise<T> {
  const file = await storeFs.open(path, flags);
  let result: T;
  try {
    result = await work(file);
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
  await file.close();
  return result;
}

/** Makes renames in a directory survive a power cut. */
export async function fsyncDirectory(storeFs: StoreFs, directory: string): Promise<void> {
  if (CAN_SYNC_DIRECTORIES) await withFile(storeFs, directory, READ, (handle) => handle.sync());
}

/**
 * Puts a whole file in place, or leaves what was there: written to `temporary` (same file system), fsync, rename, fsync of
 * the directory. On failure the temporary file is gone.
 */
export async function writeFileDurably(
  storeFs: StoreFs,
  path: string,
  temporary: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  try {
    await withFile(storeFs, temporary, CREATE, async (file) => {
      for (const part of parts) await writeAll(file, part);
      await file.sync();
    });
    await storeFs.rename(temporary, path);
  } catch (error) {
    await storeFs.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await fsyncDirectory(storeFs, dirname(path));
}

/** {@link writeFileDurably} for the moments in which a database transaction is held open. */
export function writeFileDurablySync(storeFs: StoreFs, path: string, temporary: string, text: string): void {
  const data = Buffer.from(text);
  try {
    withFileSync(storeFs, temporary, CREATE, (fd) => {
      for (let done = 0; done < data.length;) done += storeFs.writeSync(fd, data, done, data.length - done);
      storeFs.fsyncSync(fd);
    });
    storeFs.renameSync(temporary, path);
  } catch (error) {
    tryUnlinkSync(storeFs, temporary);
    throw error;
  }
  if (CAN_SYNC_DIRECTORIES) withFileSync(storeFs, dirname(path), READ, (fd) => storeFs.fsyncSync(fd));
}

function withFileSync(storeFs: StoreFs, path: string, flags: number, work: (fd: number) => void): void {
  const fd = storeFs.openSync(path, flags, 0o666);
  try {
    work(fd);
  } catch (error) {
    try {
      storeFs.closeSync(fd);
    } catch {
      // The first error is the one that matters.
    }
    throw error;
  }
  storeFs.closeSync(fd);
}

function tryUnlinkSync(storeFs: StoreFs, path: string): void {
  try {
    storeFs.unlinkSync(path);
  } catch {
    // What stays is swept at the next open.
  }
}

/** Bytes of a regular file; undefined where there is none, or something else of that name. */
export function fileSize(storeFs: StoreFs, path: string): number | undefined {
  const stat = storeFs.lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}
