import { createHash } from 'node:crypto';
import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { LayerEntryType, TocEntry } from './toc.ts';

/**
 * A table of contents as text: a heading line, then one JSON array a line in tar order, so that a table can be read as it
 * lies, and written by a worker and stored by the main thread without being built again.
 *
 *   [type, path, mode, uid, gid, mtime, …, xattrs?]
 *
 * `…` is `size, offset, digest` of a file, `linkname` of a link, `major, minor` of a device node, and nothing otherwise.
 */
const HEADING = '["slipway-toc",1]';

const LETTER: Readonly<Record<LayerEntryType, string>> = {
  file: '-',
  dir: 'd',
  symlink: 'l',
  hardlink: 'h',
  char: 'c',
  block: 'b',
  fifo: 'p',
  whiteout: 'w',
  opaque: 'o',
};
const TYPE = new Map(Object.entries(LETTER).map(([type, letter]) => [letter, type as LayerEntryType]));

/** The table as text, which is well-formed Unicode whatever the names are. Deterministic. */
export function serializeToc(entries: readonly TocEntry[]): string {
  const lines = [HEADING];
  for (const entry of entries) lines.push(serializeEntry(entry));
  lines.push('');
  return lines.join('\n');
}

/** The entries of a table written by {@link serializeToc}. Fails with LAYER_TOC_CORRUPT where the text is anything else. */
export function parseToc(text: string): readonly TocEntry[] {
  if (!text.startsWith(`${HEADING}\n`) || !text.endsWith('\n')) throw corrupt();
  let rows: unknown;
  try {
    // One call over the whole text is several times faster than one a line; JSON text has no newline inside a value.
    rows = JSON.parse(`[${text.slice(0, -1).replaceAll('\n', ',')}]`);
  } catch (cause) {
    throw corrupt(cause);
  }
  const entries: TocEntry[] = [];
  for (let i = 1; i < (rows as unknown[]).length; i++) entries.push(parseRow((rows as unknown[])[i]));
  return entries;
}

/**
 * The digest of what the layer holds, equal for layers with the same files: everything but modification times, the order
 * of the entries and where the bytes lie in the tar. The permission bits of symbolic links mean nothing and are left out.
 * Files need their digest.
 */
export function contentDigest(entries: readonly TocEntry[]): Digest {
  const sorted = isSorted(entries) ? entries : [...entries].sort(inContentOrder);
  const hash = createHash('sha256');
  let text = '';
  for (const entry of sorted) {
    text += contentLine(entry);
    if (text.length > 65_536) {
      hash.update(text);
      text = '';
    }
  }
  return `sha256:${hash.update(text).digest('hex')}`;
}

function serializeEntry(entry: TocEntry): string {
  const { type, mode, uid, gid, mtime } = entry;
  let line = `["${LETTER[type]}",${JSON.stringify(entry.path)},${mode},${uid},${gid},${mtime}`;
  if (type === 'file') line += `,${entry.size},${entry.offset ?? 0},"${entry.digest ?? ''}"`;
  else if (type === 'symlink' || type === 'hardlink') line += `,${JSON.stringify(entry.linkname ?? '')}`;
  else if (type === 'char' || type === 'block')
    line += `,${entry.device?.[0] ?? 0},${entry.device?.[1] ?? 0}`;
  if (entry.xattrs !== undefined)
    line += `,${JSON.stringify(Object.fromEntries(sortedXattrs(entry.xattrs)))}`;
  return `${line}]`;
}

function parseRow(row: unknown): TocEntry {
  if (!Array.isArray(row)) throw corrupt();
  const type = TYPE.get(row[0] as string);
  const [, path, mode, uid, gid, mtime] = row as unknown[];
  if (type === undefined || typeof path !== 'string') throw corrupt();
  const common = {
    path,
    type,
    mode: integer(mode),
    uid: integer(uid),
    gid: integer(gid),
    mtime: integer(mtime),
    size: 0,
  };
  if (type === 'file') {
    const digest = row[8] as unknown;
    if (typeof digest !== 'string') throw corrupt();
    common.size = integer(row[6]);
    return withXattrs({ ...common, offset: integer(row[7]), digest }, row[9]);
  }
  if (type === 'symlink' || type === 'hardlink') {
    const linkname = row[6] as unknown;
    if (typeof linkname !== 'string') throw corrupt();
    return withXattrs({ ...common, linkname }, row[7]);
  }
  if (type === 'char' || type === 'block') {
    return withXattrs({ ...common, device: [integer(row[6]), integer(row[7])] }, row[8]);
  }
  return withXattrs(common, row[6]);
}

function withXattrs(entry: TocEntry, xattrs: unknown): TocEntry {
  if (xattrs === undefined) return entry;
  if (typeof xattrs !== 'object' || xattrs === null || Array.isArray(xattrs)) throw corrupt();
  return { ...entry, xattrs: xattrs as Readonly<Record<string, string>> };
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw corrupt();
  return value as number;
}

function corrupt(cause?: unknown): EngineError {
  return new EngineError('LAYER_TOC_CORRUPT', 'A stored table of contents of a layer cannot be read.', {
    cause,
  });
}

function contentLine(entry: TocEntry): string {
  const { type, uid, gid } = entry;
  const mode = type === 'symlink' ? 0o777 : entry.mode;
  let line = `${LETTER[type]} ${JSON.stringify(entry.path)} ${mode} ${uid} ${gid}`;
  if (type === 'file') line += ` ${entry.size} ${entry.digest}`;
  else if (entry.linkname !== undefined) line += ` ${JSON.stringify(entry.linkname)}`;
  else if (entry.device !== undefined) line += ` ${entry.device[0]},${entry.device[1]}`;
  if (entry.xattrs !== undefined) {
    for (const [name, value] of sortedXattrs(entry.xattrs))
      line += ` ${JSON.stringify(name)}=${JSON.stringify(value)}`;
  }
  return `${line}\n`;
}

function sortedXattrs(xattrs: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(xattrs).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** By path; of entries with one path, which a hostile or a patched tar can hold, the last counts and so their order stays. */
function inContentOrder(a: TocEntry, b: TocEntry): number {
  return a.path === b.path ? 0 : a.path < b.path ? -1 : 1;
}

function isSorted(entries: readonly TocEntry[]): boolean {
  for (let i = 1; i < entries.length; i++) if (entries[i - 1]!.path > entries[i]!.path) return false;
  return true;
}
