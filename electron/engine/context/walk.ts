import { lstatSync, readdirSync, readlinkSync, type Dirent, type Stats } from 'node:fs';
import { decodeName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { patternMatcher, type Pattern, type Verdict } from '../base/patterns.ts';
import type { JobContext } from '../base/worker-job.ts';
import { columnsBuilder, type ColumnsBuilder, type Row } from './columns-builder.ts';
import { DIRECTORY, FILE, SYMLINK, type ContextColumns } from './columns.ts';
import { unreadable } from './context-errors.ts';
import { hostPath } from './host-path.ts';
import { loadStatCache } from './stat-cache.ts';

export interface WalkInput {
  /** Absolute path of the context's folder, symlinks resolved. */
  readonly root: string;
  readonly ignore: readonly Pattern[];
  readonly statCachePath?: string | undefined;
}

export interface WalkOutput {
  readonly columns: ContextColumns;
  /** Sockets, pipes and devices, which are left out; at most {@link MOST_NAMED} of them, and how many there were. */
  readonly special: { readonly paths: readonly string[]; readonly count: number };
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
}

const MOST_NAMED = 20;
const REPLACEMENT = '\ufffd';

interface Pending {
  readonly row: number;
  /** With a `/` at the end, but empty for the root. */
  readonly path: string;
  readonly verdict: Verdict;
}

/**
 * Worker job `context.walk`: every entry below the root that is not ignored, with its metadata. Symbolic links are never
 * followed and no file is opened; nothing is asked about an ignored path, and an ignored directory is not entered unless an
 * exception may match inside. What vanishes meanwhile is not in the answer. Digests that the stat cache knows come along.
 * Fails with CONTEXT_UNREADABLE naming the path, CONTEXT_NOT_FOUND or CANCELLED.
 */
export function walkJob({ root, ignore, statCachePath }: WalkInput, job: JobContext): WalkOutput {
  const cache = loadStatCache(statCachePath);
  const matcher = patternMatcher(ignore);
  const builder = columnsBuilder();
  const special: string[] = [];
  let specials = 0;
  let files = 0;
  let bytes = 0;
  let reported = Date.now();

  const visit = (directory: Pending, entry: Entry): void => {
    const path = directory.path + entry.name;
    const verdict = matcher.decide(path, directory.verdict);
    const ignored = matcher.selects(verdict);
    if (ignored && (entry.kind !== DIRECTORY || matcher.canPrune(path, verdict))) return;
    const stats = look(root, path);
    if (!stats) return;
    // Not what the listing said, which may be older.
    const kind = kindOf(stats);
    if (kind === SPECIAL) {
      specials++;
      if (special.length < MOST_NAMED) special.push(path);
      return;
    }
    const row = pushRow(builder, {
      parent: directory.row,
      name: entry.name,
      kind,
      stats,
      included: !ignored,
      digestAt: kind === FILE ? cache.find(path, stats) : -1,
    });
    if (kind === DIRECTORY) pending.push({ row, path: `${path}/`, verdict });
    else if (kind === SYMLINK) builder.target(row, readTarget(root, path));
    else {
      files++;
      bytes += stats.size;
      if (stats.nlink > 1) builder.linked(row, wideInode(root, path, stats));
    }
  };

  const pending: Pending[] = [];
  const rootStats = look(root, '');
  if (!rootStats) throw new EngineError('CONTEXT_NOT_FOUND', `There is no folder ${root}.`);
  const rootRow = pushRow(builder, {
    parent: 0,
    name: '',
    kind: DIRECTORY,
    stats: rootStats,
    included: true,
    digestAt: -1,
  });
  pending.push({ row: rootRow, path: '', verdict: -1 });
  for (const directory of pending) {
    if (job.cancelled()) throw new EngineError('CANCELLED', 'The build was cancelled.');
    const entries = list(root, directory.path);
    if (entries) for (const entry of entries) visit(directory, entry);
    else builder.drop(directory.row);
    if (Date.now() - reported >= 100) {
      reported = Date.now();
      job.progress(files);
    }
  }
  return { columns: builder.finish(cache.bytes), special: { paths: special, count: specials }, files, bytes };
}

const SPECIAL = 3;

interface Entry {
  readonly name: string;
  readonly kind: number;
}

/** The directory's entries sorted by name; undefined where it is gone. */
function list(root: string, directory: string): Entry[] | undefined {
  const path = hostPath(root, directory);
  try {
    const entries: Entry[] = [];
    let lossy = false;
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      lossy ||= entry.name.includes(REPLACEMENT);
      entries.push({ name: entry.name, kind: kindOf(entry) });
    }
    return (lossy ? listBytes(path) : entries).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(directory, error);
  }
}

function listBytes(path: string | Buffer): Entry[] {
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: decodeName(entry.name),
    kind: kindOf(entry),
  }));
}

function look(root: string, path: string): Stats | undefined {
  try {
    return lstatSync(hostPath(root, path), { throwIfNoEntry: false });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(path, error);
  }
}

function readTarget(root: string, path: string): string {
  try {
    const target = readlinkSync(hostPath(root, path));
    if (!target.includes(REPLACEMENT)) return target;
    return decodeName(readlinkSync(hostPath(root, path), { encoding: 'buffer' }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Overlay file systems number inodes beyond what a double tells apart, and names must not be taken for links of each other. */
function wideInode(root: string, path: string, stats: Stats): string | undefined {
  if (Number.isSafeInteger(stats.ino)) return undefined;
  return lstatSync(hostPath(root, path), { bigint: true, throwIfNoEntry: false })?.ino.toString();
}

function kindOf(entry: Dirent<string> | Dirent<Buffer> | Stats): number {
  if (entry.isFile()) return FILE;
  if (entry.isDirectory()) return DIRECTORY;
  return entry.isSymbolicLink() ? SYMLINK : SPECIAL;
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function pushRow(
  builder: ColumnsBuilder,
  {
    stats,
    ...rest
  }: Pick<Row, 'parent' | 'name' | 'kind' | 'included' | 'digestAt'> & { readonly stats: Stats },
): number {
  return builder.push({
    ...rest,
    mode: stats.mode & 0o7777,
    size: rest.kind === FILE ? stats.size : 0,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    dev: stats.dev,
    ino: stats.ino,
  });
}
