import type { TreeEntry } from '../layer/file-tree.ts';
import type { SelectedRoot, Selection } from './selection.ts';

/**
 * What a COPY or ADD reads, as canonical text for its cache key: a line of JSON for each selected entry, in order, with
 * its name below what was copied, type, mode, owner, size, link target, device numbers, extended attributes and the
 * digest of its bytes. Never a time. Equal text means that the same would be copied.
 *
 * `digests` holds the digest of every file of {@link selectedFiles} by its path in the tree; a missing one is a defect.
 * The rules are BuildKit's (cache/contenthash): a copied folder's own metadata counts, unless the source ends in `/` or
 * is the tree's root; a single file counts with its name.
 */
export function selectionLines({ roots }: Selection, digests: ReadonlyMap<string, string>): string {
  const lines: string[] = [];
  for (const root of roots) {
    if (root.entry.type === 'dir') lines.push(directoryLine(root));
    for (const { path, entry } of root.entries)
      lines.push(entryLine(path === '' ? root.name : path, entry, digests));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Begins a folder's entries. No entry can be called `/`. */
function directoryLine({ entry, countsItself }: SelectedRoot): string {
  return countsItself ? entryLine('/', entry, new Map()) : JSON.stringify(['/']);
}

function entryLine(name: string, entry: TreeEntry, digests: ReadonlyMap<string, string>): string {
  const { path, type, mode, uid, gid, size, linkname, device, xattrs } = entry;
  const digest = type === 'file' ? digests.get(path) : '';
  if (digest === undefined) throw new Error(`The digest of ${path} is not known.`);
  const start = `[${JSON.stringify(name)},"${type}","${mode.toString(8)}",${uid},${gid},${size},"${digest}"`;
  if (linkname === undefined && device === undefined && xattrs === undefined) return `${start}]`;
  const rest = [linkname ?? '', device ?? [], Object.entries(xattrs ?? {}).sort(byName)];
  return `${start},${JSON.stringify(rest).slice(1)}`;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
