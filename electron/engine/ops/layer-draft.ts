import type { ContentSource, FileTree, TreeEntry } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { parentOf } from './source-path.ts';

/** Something to be written at `path`. */
export interface DraftEntry extends TreeEntry {
  /** Files: where their bytes are, and their digest. */
  readonly source?: ContentSource;
  readonly digest?: string;
  /** Files: equal for names of one file; the layer then holds it once and hard links to it. */
  readonly link?: string;
}

/** What directories made on the way get. */
export type DirectoryMetadata = Pick<TreeEntry, 'mode' | 'uid' | 'gid' | 'mtime'>;

/** What a layer is planned on. */
export type DraftBase = Pick<FileTree, 'label' | 'get' | 'content'>;

/** A layer while it is being planned: the tree it will lie on, as it will look with what has been planned so far. */
export interface LayerDraft extends DraftBase {
  /** What is at exactly this path; the root is always a directory. */
  get(path: string): DraftEntry | undefined;
  /** Where a path leads, links followed. Fails with SYMLINK_LOOP. */
  resolve(path: string): string;
  /**
   * Plans the directory `path` (resolved) and its parents where they are missing. Answers the path that is in the way
   * because it is no directory, if one is.
   */
  makeDirectories(path: string, metadata: DirectoryMetadata): string | undefined;
  /** Plans an entry, in place of what was planned there. The caller has made its parents, and replaces no directory by anything else. */
  put(entry: DraftEntry): void;
  /** Plans the entries of a layer that was planned on top of this draft. */
  merge(plan: readonly LayerPlanEntry[]): void;
  /** The layer: parents before what they hold, no path twice, each hard link after the file it names. */
  entries(): LayerPlanEntry[];
}

/** Begins a layer on `base`; without one it stands for itself, as COPY --link wants it. */
export function createLayerDraft(base: DraftBase = NOTHING): LayerDraft {
  // Setting an entry again keeps its place, which is after its parents.
  const planned = new Map<string, DraftEntry>();
  /** Directories that an archive replaced: what the base has in them is gone. */
  const replaced = new Set<string>();
  /** Those of them that are directories again. */
  const opaque = new Set<string>();

  const inBase = (path: string): DraftEntry | undefined =>
    replaced.size > 0 && parentsOf(path).some((parent) => replaced.has(parent)) ? undefined : base.get(path);
  const get = (path: string): DraftEntry | undefined =>
    planned.get(path) ?? inBase(path) ?? (path === '' ? ROOT : undefined);

  function replaceDirectory(path: string): void {
    replaced.add(path);
    for (const below of planned.keys()) if (below.startsWith(`${path}/`)) planned.delete(below);
  }

  return {
    label: base.label,
    get,
    content: (file) => planned.get(file.path)?.source ?? base.content(file),
    resolve: (path) => resolvePath({ label: base.label, get }, path, { followLast: true }).path,
    makeDirectories(path, metadata) {
      const missing: string[] = [];
      let at = path;
      for (; get(at) === undefined; at = parentOf(at)) missing.push(at);
      if (get(at)!.type !== 'dir') return at;
      for (const made of missing.reverse()) {
        planned.set(made, { ...metadata, path: made, type: 'dir', size: 0 });
      }
      return undefined;
    },
    put: (entry) => void planned.set(entry.path, entry),
    merge(plan) {
      for (const entry of plan) {
        if (entry.type === 'opaque') {
          replaceDirectory(entry.path);
          opaque.add(entry.path);
          continue;
        }
        if (entry.type !== 'dir' && get(entry.path)?.type === 'dir') replaceDirectory(entry.path);
        planned.set(entry.path, asDraftEntry(entry, get));
      }
    },
    entries: () => layerEntries([...planned.values()], opaque),
  };
}

const ROOT: DraftEntry = { path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
const NOTHING: DraftBase = {
  label: 'an empty file system',
  get: () => undefined,
  content: ({ path }) => {
    throw new Error(`${path} is not in an empty file system.`);
  },
};

/** The directories a path is below, without the root. */
function parentsOf(path: string): readonly string[] {
  const parents: string[] = [];
  for (let at = parentOf(path); at !== ''; at = parentOf(at)) parents.push(at);
  return parents;
}

/** A hard link becomes one more name of its file, so that it outlives the file's replacement. */
function asDraftEntry(entry: LayerPlanEntry, get: (path: string) => DraftEntry | undefined): DraftEntry {
  const { path, type, linkname } = entry;
  if (type === 'whiteout' || type === 'opaque') throw new Error(`A draft cannot hold the ${type} ${path}.`);
  if (type === 'file') return { ...entry, type, link: `unpacked ${path}` };
  if (type !== 'hardlink') return { ...entry, type };
  const target = get(linkname ?? '');
  if (target === undefined || target.type === 'dir') {
    throw new Error(`${path} is a hard link to ${linkname}, which is not planned.`);
  }
  return { ...target, path };
}

function layerEntries(entries: readonly DraftEntry[], opaque: ReadonlySet<string>): LayerPlanEntry[] {
  const firstNames = new Map<string, string>();
  return entries.flatMap((entry) => {
    const { path, link, type, mode, uid, gid, mtime, xattrs } = entry;
    const first = link === undefined ? undefined : firstNames.get(link);
    if (first !== undefined) {
      const hardLink = { path, type: 'hardlink' as const, mode, uid, gid, mtime, size: 0, linkname: first };
      return xattrs === undefined ? hardLink : { ...hardLink, xattrs };
    }
    if (link !== undefined) firstNames.set(link, path);
    if (type !== 'dir' || !opaque.has(path)) return planEntry(entry);
    return [planEntry(entry), { path, type: 'opaque' as const, mode: 0o644, uid, gid, mtime, size: 0 }];
  });
}

/** What the layer holds of an entry, and nothing else: the plan is sent to another thread. */
function planEntry(entry: DraftEntry): LayerPlanEntry {
  const { path, type, mode, uid, gid, mtime, size, linkname, xattrs, device, source, digest } = entry;
  if (type === 'socket') throw new Error(`${path} is a socket, which no layer can hold.`);
  const plan: { -readonly [Key in keyof LayerPlanEntry]: LayerPlanEntry[Key] } = {
    path,
    type,
    mode,
    uid,
    gid,
    mtime,
    size,
  };
  if (linkname !== undefined) plan.linkname = linkname;
  if (xattrs !== undefined) plan.xattrs = xattrs;
  if (device !== undefined) plan.device = device;
  if (source !== undefined) plan.source = source;
  if (digest !== undefined) plan.digest = digest;
  return plan;
}
