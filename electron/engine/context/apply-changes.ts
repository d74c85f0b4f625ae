import type { Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EngineError } from '../base/errors.ts';
import type { PatternMatcher, Verdict } from '../base/patterns.ts';
import type { FileStamp } from '../layer/file-tree.ts';
import { DIRECTORY, FILE, SYMLINK } from './columns.ts';
import {
  childNamed,
  digestFrom,
  liveNode,
  positionOf,
  sameStamp,
  withChildren,
  type LiveNode,
  type SeenEntry,
} from './live-node.ts';
import { kindOf, listEntries, lookAt, readTarget, SPECIAL, wideInode } from './look.ts';

/** What may be different at a path: the entry itself, or also anything below it. */
export type PathChange = 'entry' | 'below';

/** An entry that is not as it was. */
export interface Difference {
  readonly path: string;
  readonly before: LiveNode | undefined;
  readonly after: LiveNode | undefined;
}

/** So many questions to the file system in one go take a few milliseconds. */
const LOOKS_AT_ONCE = 256;

/** Paths as a tree. */
interface Dirty {
  readonly below: Map<string, Dirty>;
  change: PathChange | undefined;
}

/**
 * Brings a live tree up to date at the paths named, relative to `root`, and answers the new tree with what is different in
 * it. Only these are looked at, and the directories on the way to them; a directory that is new or another one is walked.
 * Other names of a file with several are looked at too. Nothing is read. Lets other work go on meanwhile. Fails as walkJob does.
 */
export async function applyChanges(
  tree: LiveNode,
  changes: ReadonlyMap<string, PathChange>,
  { root, matcher }: { readonly root: string; readonly matcher: PatternMatcher },
): Promise<{ readonly tree: LiveNode; readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  let looks = 0;

  const look = async (path: string): Promise<{ seen: SeenEntry; stats: Stats } | undefined> => {
    if (++looks % LOOKS_AT_ONCE === 0) await setImmediate();
    const stats = lookAt(root, path);
    const kind = stats && kindOf(stats);
    if (!stats || kind === undefined || kind === SPECIAL) return undefined;
    const { dev, ino, size, mtimeMs, ctimeMs } = stats;
    const stamp: FileStamp = { dev, ino, size, mtimeMs, ctimeMs };
    const linked = kind === FILE && stats.nlink > 1;
    return {
      stats,
      seen: {
        path,
        kind,
        mode: stats.mode & 0o7777,
        stamp,
        target: kind === SYMLINK ? readTarget(root, path) : undefined,
        inode: linked ? `${dev}:${wideInode(root, path, stats) ?? ino}` : undefined,
      },
    };
  };

  /** What is at a path now; `old` is what was. */
  const refresh = async (
    path: string,
    old: LiveNode | undefined,
    dirty: Dirty,
    verdict: Verdict,
  ): Promise<LiveNode | undefined> => {
    const ignored = path !== '' && matcher.selects(verdict);
    // Nothing is asked about what is ignored, unless it may be a directory with exceptions in it.
    const found = ignored && matcher.canPrune(path, verdict) ? undefined : await look(path);
    if (!found || (ignored && found.seen.kind !== DIRECTORY)) {
      if (old) differences.push({ path, before: old, after: undefined });
      return undefined;
    }
    const { seen } = found;
    if (seen.kind !== DIRECTORY) return refreshLeaf(seen, old);
    const same =
      old?.kind === DIRECTORY && old.stamp.ino === seen.stamp.ino && old.stamp.dev === seen.stamp.dev;
    if (!same || dirty.change === 'below') return walk(seen, old, verdict);
    return refreshDirectory(seen, old, dirty, verdict);
  };

  const refreshLeaf = (seen: SeenEntry, old: LiveNode | undefined): LiveNode => {
    const unchanged =
      old?.kind === seen.kind &&
      old.entry.mode === seen.mode &&
      old.entry.linkname === seen.target &&
      old.entry.inode === seen.inode &&
      sameStamp(old.stamp, seen.stamp);
    // What was read just after it had changed may have changed once more with the same times.
    if (unchanged && (old.digest === undefined || old.digest.settled)) return old;
    const node = liveNode(seen, { included: true });
    node.digest = digestFrom(old, seen.stamp);
    differences.push({ path: seen.path, before: old, after: node });
    return node;
  };

  const refreshDirectory = async (
    seen: SeenEntry,
    old: LiveNode,
    dirty: Dirty,
    verdict: Verdict,
  ): Promise<LiveNode> => {
    const children = [...old.children];
    let touched = old.entry.mode !== seen.mode || !sameStamp(old.stamp, seen.stamp);
    for (const [name, change] of dirty.below) {
      const path = seen.path === '' ? name : `${seen.path}/${name}`;
      const before = childNamed(old, name);
      const after = await refresh(path, before, change, matcher.decide(path, verdict));
      if (after === before) continue;
      touched = true;
      children.splice(positionOf(children, name), before ? 1 : 0, ...(after ? [after] : []));
    }
    if (!touched) return old;
    const node = withChildren(old, seen, children);
    if (old.entry.mode !== seen.mode) differences.push({ path: seen.path, before: old, after: node });
    return node;
  };

  const walk = async (seen: SeenEntry, old: LiveNode | undefined, verdict: Verdict): Promise<LiveNode> => {
    const children: LiveNode[] = [];
    const names = new Set<string>();
    for (const { name } of listEntries(root, seen.path) ?? []) {
      names.add(name);
      const path = seen.path === '' ? name : `${seen.path}/${name}`;
      const child = await refresh(path, childNamed(old, name), BELOW, matcher.decide(path, verdict));
      if (child) children.push(child);
    }
    for (const gone of old?.children ?? []) {
      if (!names.has(gone.name)) differences.push({ path: gone.entry.path, before: gone, after: undefined });
    }
    const node = liveNode(seen, { included: seen.path === '' || !matcher.selects(verdict), children });
    if (old?.kind !== DIRECTORY || old.entry.mode !== seen.mode) {
      differences.push({ path: seen.path, before: old, after: node });
    }
    return node;
  };

  const update = async (from: LiveNode, paths: ReadonlyMap<string, PathChange>): Promise<LiveNode> => {
    const updated = await refresh('', from, dirtyTree(paths), -1);
    if (!updated) throw new EngineError('CONTEXT_NOT_FOUND', `There is no folder ${root}.`);
    return updated;
  };

  const updated = await update(tree, changes);
  const links = otherNames(updated, differences);
  return { tree: links.size === 0 ? updated : await update(updated, links), differences };
}

const BELOW: Dirty = { below: new Map(), change: 'below' };

function dirtyTree(changes: ReadonlyMap<string, PathChange>): Dirty {
  const top: Dirty = { below: new Map(), change: changes.get('') };
  for (const [path, change] of changes) {
    if (path === '') continue;
    let at = top;
    for (const name of path.split('/')) {
      let next = at.below.get(name);
      if (!next) at.below.set(name, (next = { below: new Map(), change: undefined }));
      at = next;
    }
    if (at.change !== 'below') at.change = change;
  }
  return top;
}

/** Names that lead to files which were found changed under another name: nothing is heard of those. */
function otherNames(tree: LiveNode, differences: readonly Difference[]): ReadonlyMap<string, PathChange> {
  const inodes = new Set<number>();
  for (const { before, after } of differences) {
    if (before?.entry.inode !== undefined) inodes.add(before.stamp.ino);
    if (after?.entry.inode !== undefined) inodes.add(after.stamp.ino);
  }
  const names = new Map<string, PathChange>();
  if (inodes.size === 0) return names;
  const visit = (node: LiveNode): void => {
    if (node.kind === DIRECTORY) node.children.forEach(visit);
    else if (node.kind === FILE && inodes.has(node.stamp.ino)) names.set(node.entry.path, 'entry');
  };
  visit(tree);
  return names;
}
