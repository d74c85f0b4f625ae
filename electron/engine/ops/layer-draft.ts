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

/** A layer while it is being planned: the tree it will lie on, as it will look with what has been planned so far. */
export interface LayerDraft {
  readonly label: string;
  /** What is at exactly this path; the root is always a directory. */
  get(path: string): DraftEntry | undefined;
  /** Where a path leads, links followed. Fails with SYMLINK_LOOP. */
  resolve(path: string): string;
  /** Plans the directory `path` (resolved) and its parents where they are missing. Answers the path that is no directory, if one is in the way. */
  makeDirectories(path: string, metadata: DirectoryMetadata): string | undefined;
  /** Plans an entry, in place of what was planned there. The caller has made its parents and asked what it replaces. */
  put(entry: DraftEntry): void;
  /** Plans the entries of a layer planned on top of this draft. */
  merge(plan: readonly LayerPlanEntry[]): void;
  /** The layer: parents before what they hold, no path twice, each hard link after the file it names. */
  entries(): LayerPlanEntry[];
}

/** Begins a layer on `base`; without one it stands for itself, as COPY --link wants it. */
export function createLayerDraft(base: Pick<FileTree, 'label' | 'get'> = NOTHING): LayerDraft {
  // Setting an entry again keeps its place, which is after its parents.
  const planned = new Map<string, DraftEntry>();
  const get = (path: string): DraftEntry | undefined =>
    planned.get(path) ?? base.get(path) ?? (path === '' ? ROOT : undefined);
  const put = (entry: DraftEntry): void => void planned.set(entry.path, entry);
  return {
    label: base.label,
    get,
    resolve: (path) => resolvePath({ label: base.label, get }, path, { followLast: true }).path,
    makeDirectories(path, metadata) {
      const missing: string[] = [];
      let at = path;
      for (; get(at) === undefined; at = parentOf(at)) missing.push(at);
      if (get(at)!.type !== 'dir') return at;
      for (const made of missing.reverse())
        planned.set(made, { ...metadata, path: made, type: 'dir', size: 0 });
      return undefined;
    },
    put,
    merge: (plan) => plan.forEach((entry) => put(asDraftEntry(entry, get))),
    entries: () => withHardLinks([...planned.values()]),
  };
}

const ROOT: DraftEntry = { path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
const NOTHING = { label: 'an empty file system', get: () => undefined };

/** A hard link becomes one more name of its file, so that it outlives the file's replacement. */
function asDraftEntry(entry: LayerPlanEntry, get: (path: string) => DraftEntry | undefined): DraftEntry {
  const { type, linkname } = entry;
  if (type === 'whiteout' || type === 'opaque')
    throw new Error(`${entry.path} removes something: not known here.`);
  if (type !== 'hardlink')
    return type === 'file' ? { ...entry, type, link: `unpacked ${entry.path}` } : { ...entry, type };
  const target = get(linkname ?? '');
  if (target?.type !== 'file')
    throw new Error(`${entry.path} is a hard link to ${linkname}, which is not planned.`);
  return { ...target, path: entry.path };
}

function withHardLinks(entries: readonly DraftEntry[]): LayerPlanEntry[] {
  const first = new Map<string, string>();
  return entries.map((entry) => {
    const { path, link } = entry;
    const target = link === undefined ? undefined : first.get(link);
    if (target !== undefined) return { ...metadataOf(entry), type: 'hardlink', size: 0, linkname: target };
    if (link !== undefined) first.set(link, path);
    return planEntry(entry);
  });
}

function metadataOf({
  path,
  mode,
  uid,
  gid,
  mtime,
  xattrs,
}: DraftEntry): Omit<LayerPlanEntry, 'type' | 'size'> {
  return { path, mode, uid, gid, mtime, ...(xattrs === undefined ? {} : { xattrs }) };
}

function planEntry(entry: DraftEntry): LayerPlanEntry {
  const { type, size, linkname, device, source, digest } = entry;
  if (type === 'socket') throw new Error(`${entry.path} is a socket, which no layer can hold.`);
  return {
    ...metadataOf(entry),
    type,
    size,
    ...(linkname === undefined ? {} : { linkname }),
    ...(device === undefined ? {} : { device }),
    ...(source === undefined ? {} : { source }),
    ...(digest === undefined ? {} : { digest }),
  };
}
