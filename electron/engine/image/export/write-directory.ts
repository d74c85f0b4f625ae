import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { posix } from 'node:path';
import { displayName, encodeName } from '../../base/byte-path.ts';
import { EngineError, namingPath } from '../../base/errors.ts';
import type { JobContext } from '../../base/worker-job.ts';
import { cancellation } from '../../layer/cancellation.ts';
import { createContentReader, type ContentReader } from '../../layer/content-reader.ts';
import type { LayerPlanEntry } from '../../layer/toc.ts';
import { anchorDirectory, type AnchoredDirectory } from './anchored-directory.ts';

export interface WriteDirectoryInput {
  /** As flatten.ts gives them: parents before children, the first name of a file before its others. */
  readonly entries: readonly LayerPlanEntry[];
  /** Absolute path of a directory that exists. */
  readonly root: string;
}

export interface WrittenDirectory {
  readonly files: number;
  readonly bytes: number;
  /** What could not be made here, at most 100 paths. */
  readonly skipped: readonly string[];
}

/** What one run of the job shares. */
interface Writer {
  /** Of the directory, for messages. */
  readonly path: string;
  readonly root: AnchoredDirectory;
  readonly reader: ContentReader;
  readonly buffer: Buffer;
  /** Only root can give files away; without that, setuid bits would be another user's. */
  readonly keepsOwners: boolean;
  /** Entries are made under this name and renamed into place, which replaces a link instead of following it. */
  readonly temporary: string;
  readonly context: JobContext;
}

interface OpenDirectory {
  readonly path: string;
  readonly entry: LayerPlanEntry;
  readonly directory: AnchoredDirectory;
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const MAX_SKIPPED = 100;
const PROGRESS_MS = 100;

/** The worker's side of {@link exportDirectory}. */
export function writeDirectoryJob(input: WriteDirectoryInput, context: JobContext): WrittenDirectory {
  using root = anchorDirectory(input.root);
  using reader = createContentReader();
  const writer: Writer = {
    path: input.root,
    root,
    reader,
    context,
    buffer: Buffer.allocUnsafe(1024 * 1024),
    keepsOwners: process.geteuid?.() === 0,
    temporary: `.slipway-${randomBytes(6).toString('hex')}`,
  };
  const open: OpenDirectory[] = [];
  const skipped: string[] = [];
  let files = 0;
  let bytes = 0;
  let reported = Date.now();
  try {
    for (const entry of input.entries) {
      if (context.cancelled()) throw cancellation();
      const parent = posix.dirname(entry.path);
      while (open.length > 0 && open.at(-1)!.path !== parent) leave(writer, open.pop()!);
      const directory = open.at(-1)?.directory ?? root;
      const name = posix.basename(entry.path);
      if (entry.type === 'dir') open.push({ path: entry.path, entry, directory: enter(directory, name) });
      else if (makeEntry(writer, directory, name, entry)) files++;
      else if (skipped.length < MAX_SKIPPED) skipped.push(displayName(entry.path));
      bytes += entry.size;
      if (Date.now() - reported >= PROGRESS_MS) {
        context.progress(bytes);
        reported = Date.now();
      }
    }
    while (open.length > 0) leave(writer, open.pop()!);
  } finally {
    for (const { directory } of open) directory[Symbol.dispose]();
  }
  return { files, bytes, skipped };
}

function enter(parent: AnchoredDirectory, name: string): AnchoredDirectory {
  const directory = parent.make(name);
  directory.setMode(0o700);
  return directory;
}

/** A directory gets its mode and time when everything in it is made. */
function leave(writer: Writer, { entry, directory }: OpenDirectory): void {
  using _ = directory;
  if (writer.keepsOwners) directory.setOwner(entry.uid, entry.gid);
  directory.setMode(keptMode(writer, entry));
  directory.setTime(entry.mtime);
}

/** False where this kind of entry cannot be made. */
function makeEntry(
  writer: Writer,
  directory: AnchoredDirectory,
  name: string,
  entry: LayerPlanEntry,
): boolean {
  const temporary = directory.at(writer.temporary);
  try {
    if (entry.type === 'file') makeFile(writer, temporary, entry);
    else if (entry.type === 'symlink') makeSymlink(writer, temporary, entry);
    else if (entry.type === 'hardlink') makeHardlink(writer, temporary, entry);
    else return false;
    moveInto(temporary, directory.at(name), entry);
    return true;
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

function makeFile(writer: Writer, path: Buffer, entry: LayerPlanEntry): void {
  const file = openSync(path, CREATE, 0o600);
  try {
    writer.reader.read(entry.source!, entry.size, {
      space() {
        if (writer.context.cancelled()) throw cancellation();
        return writer.buffer;
      },
      filled(length) {
        namingPath(posix.join(writer.path, entry.path), () => {
          for (let at = 0; at < length;) at += writeSync(file, writer.buffer, at, length - at);
        });
      },
    });
    if (writer.keepsOwners) fchownSync(file, entry.uid, entry.gid);
    fchmodSync(file, keptMode(writer, entry));
    futimesSync(file, entry.mtime, entry.mtime);
  } finally {
    closeSync(file);
  }
}

function makeSymlink(writer: Writer, path: Buffer, entry: LayerPlanEntry): void {
  symlinkSync(encodeName(entry.linkname!), path);
  if (writer.keepsOwners) lchownSync(path, entry.uid, entry.gid);
  lutimesSync(path, entry.mtime, entry.mtime);
}

/** Links to a name made before, found element by element, so that no link on the way is followed. */
function makeHardlink(writer: Writer, path: Buffer, entry: LayerPlanEntry): void {
  const elements = entry.linkname!.split('/');
  const last = elements.pop()!;
  let directory = writer.root;
  try {
    for (const element of elements) {
      const next = directory.open(element);
      if (directory !== writer.root) directory[Symbol.dispose]();
      directory = next;
    }
    linkSync(directory.at(last), path);
  } finally {
    if (directory !== writer.root) directory[Symbol.dispose]();
  }
}

function moveInto(temporary: Buffer, target: Buffer, entry: LayerPlanEntry): void {
  try {
    renameSync(temporary, target);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
  }
  try {
    rmdirSync(target);
  } catch (cause) {
    throw new EngineError(
      'EXPORT_BLOCKED',
      `${displayName(entry.path)} cannot be written: a directory that is not empty is in its place.`,
      { hint: 'Export into an empty directory.', cause },
    );
  }
  renameSync(temporary, target);
}

function removeIfThere(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function keptMode(writer: Writer, entry: LayerPlanEntry): number {
  return writer.keepsOwners ? entry.mode : entry.mode & 0o1777;
}
