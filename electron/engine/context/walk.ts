import type { Stats } from 'node:fs';
import { EngineError } from '../base/errors.ts';
import { patternMatcher, type Pattern, type Verdict } from '../base/patterns.ts';
import type { JobContext } from '../base/worker-job.ts';
import { columnsBuilder, type ColumnsBuilder, type Row } from './columns-builder.ts';
import { DIRECTORY, FILE, SYMLINK, type ContextColumns } from './columns.ts';
import { kindOf, listEntries, lookAt, readTarget, SPECIAL, wideInode, type ListedEntry } from './look.ts';
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

  const visit = (directory: Pending, entry: ListedEntry): void => {
    const path = directory.path + entry.name;
    const verdict = matcher.decide(path, directory.verdict);
    const ignored = matcher.selects(verdict);
    if (ignored && (entry.kind !== DIRECTORY || matcher.canPrune(path, verdict))) return;
    const stats = lookAt(root, path);
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
  const rootStats = lookAt(root, '');
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
    const entries = listEntries(root, directory.path);
    if (entries) for (const entry of entries) visit(directory, entry);
    else builder.drop(directory.row);
    if (Date.now() - reported >= 100) {
      reported = Date.now();
      job.progress(files);
    }
  }
  return { columns: builder.finish(cache.bytes), special: { paths: special, count: specials }, files, bytes };
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
