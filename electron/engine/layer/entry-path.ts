import { displayName, encodeName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { TarMember } from './tar-parser.ts';
import type { LayerEntry } from './toc.ts';

/** Names that an archive gives, made safe; and the whiteout names of image layers (OCI image spec, layer.md). */

const WHITEOUT = '.wh.';
/** Names AUFS kept its own state under; of these only the opaque marker means something in a layer. */
const META = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
/** PATH_MAX and NAME_MAX of Linux: nothing longer can be unpacked. */
const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/**
 * An archive's name as a path relative to its root: leading slashes, empty and `.` components and a trailing slash are
 * dropped, `a/../b` is `b`. `''` is the root itself. Fails with LAYER_PATH_ESCAPE where `..` leads above the root and with
 * LAYER_BAD_PATH for an empty name, a NUL byte, or more than 255 bytes in a component or 4096 in all.
 */
export function cleanEntryPath(name: string): string {
  if (name === '') throw badPath(name, 'is empty');
  if (name.includes('\0')) throw badPath(name, 'holds a NUL byte');
  const path = isClean(name) ? name : clean(name);
  if (path.length * 3 > MAX_NAME_BYTES) checkLengths(path);
  return path;
}

/**
 * A member of an image layer's tar as an entry: its path cleaned, whiteouts told from files, hard links with the path they
 * mean inside the layer. Undefined for what AUFS left behind. Fails as {@link cleanEntryPath}, and with LAYER_BAD_WHITEOUT for
 * names that would hide a directory itself or its parent.
 */
export function layerEntry(member: TarMember): LayerEntry | undefined {
  const path = cleanEntryPath(member.name);
  const { mode, uid, gid, mtime } = member;
  if (path.includes(WHITEOUT)) {
    const whiteout = whiteoutOf(path);
    if (whiteout === 'ignored') return undefined;
    if (whiteout) return { ...whiteout, mode, uid, gid, mtime, size: 0 };
  }
  return archiveEntry(member, path);
}

/** A member of any tar as an entry. Fails as {@link cleanEntryPath}, also where a root that is no directory is given. */
export function archiveEntry(member: TarMember, path: string = cleanEntryPath(member.name)): LayerEntry {
  const { type, mode, uid, gid, mtime, size, linkname, xattrs, device } = member;
  if (path === '' && type !== 'dir') throw badPath(member.name, 'names the root, which must be a directory');
  return {
    path,
    type,
    mode,
    uid,
    gid,
    mtime,
    size,
    ...(linkname === undefined ? {} : { linkname: linkOf(member.name, type, linkname) }),
    ...(xattrs === undefined ? {} : { xattrs }),
    ...(device === undefined ? {} : { device }),
  };
}

/** The name under which a layer's entry is archived. Fails with LAYER_RESERVED_NAME where it would be read as a whiteout. */
export function archivedPath(entry: Pick<LayerEntry, 'path' | 'type'>): string {
  const { path, type } = entry;
  if (type === 'opaque') return path === '' ? OPAQUE : `${path}/${OPAQUE}`;
  const slash = path.lastIndexOf('/') + 1;
  if (type === 'whiteout') return `${path.slice(0, slash)}${WHITEOUT}${path.slice(slash)}`;
  if (path.includes(WHITEOUT) && path.split('/').some((name) => name.startsWith(WHITEOUT))) {
    throw new EngineError(
      'LAYER_RESERVED_NAME',
      `The file /${displayName(path)} cannot be part of an image.`,
      {
        hint: 'Names that begin with .wh. mark deleted files in image layers. Rename the file, or leave it out.',
      },
    );
  }
  return path;
}

/** The directory a path is in; the root is in itself. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function whiteoutOf(path: string): { path: string; type: 'whiteout' | 'opaque' } | 'ignored' | undefined {
  const names = path.split('/');
  const last = names.pop()!;
  for (const name of names) {
    if (name.startsWith(META)) return 'ignored';
    if (name.startsWith(WHITEOUT)) throw badWhiteout(path);
  }
  const parent = names.join('/');
  if (last === OPAQUE) return { path: parent, type: 'opaque' };
  if (last.startsWith(META)) return 'ignored';
  if (!last.startsWith(WHITEOUT)) return undefined;
  const hidden = last.slice(WHITEOUT.length);
  if (hidden === '' || hidden === '.' || hidden === '..') throw badWhiteout(path);
  return { path: parent === '' ? hidden : `${parent}/${hidden}`, type: 'whiteout' };
}

function linkOf(name: string, type: TarMember['type'], linkname: string): string {
  if (linkname.includes('\0')) throw badPath(name, 'links to a name with a NUL byte');
  if (type === 'hardlink') return cleanEntryPath(linkname);
  if (linkname === '') throw badPath(name, 'links to nothing');
  if (linkname.length * 3 > MAX_PATH_BYTES && encodeName(linkname).length >= MAX_PATH_BYTES) {
    throw badPath(name, 'links to a name longer than 4095 bytes');
  }
  return linkname;
}

/** Whether nothing has to be done, which is so for almost every name. */
function isClean(name: string): boolean {
  return !/(?:^|\/)(?:\.{0,2}(?:\/|$))/.test(name);
}

function clean(name: string): string {
  const kept: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.pop() === undefined) {
      throw new EngineError(
        'LAYER_PATH_ESCAPE',
        `The archive's entry ${displayName(name)} lies outside of its root.`,
      );
    }
  }
  return kept.join('/');
}

function checkLengths(path: string): void {
  if (encodeName(path).length > MAX_PATH_BYTES) throw badPath(path, 'is longer than 4096 bytes');
  for (const part of path.split('/')) {
    // The whiteout of a name of 255 bytes is longer than any name, and right.
    const name = part.startsWith(WHITEOUT) ? part.slice(WHITEOUT.length) : part;
    if (name.length * 3 > MAX_NAME_BYTES && encodeName(name).length > MAX_NAME_BYTES) {
      throw badPath(path, 'has a component longer than 255 bytes');
    }
  }
}

function badPath(name: string, what: string): EngineError {
  const shown = displayName(name).replaceAll('\0', '\\0');
  const clipped = shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
  return new EngineError('LAYER_BAD_PATH', `The name of the archive's entry "${clipped}" ${what}.`);
}

function badWhiteout(path: string): EngineError {
  return new EngineError(
    'LAYER_BAD_WHITEOUT',
    `The layer's whiteout ${displayName(path)} hides nothing that has a name.`,
  );
}
