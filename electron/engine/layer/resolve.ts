import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { FileTree, TreeEntry } from './file-tree.ts';

/** Linux gives up after 40 links; image tools, which resolve in user space, after 255. */
const MAX_LINKS = 255;

export interface ResolvedPath {
  /** Clean and relative to the root; no component that exists is a link, except the last one with `followLast: false`. */
  readonly path: string;
  /** What is there; absent where nothing is. */
  readonly entry?: TreeEntry;
}

/**
 * Resolves symbolic links inside the tree only, as if its root were the whole file system: absolute targets start at the
 * root and `..` stops at it. A leading slash of `path` and empty or `.` components are ignored; `..` applies to where the
 * components before it lead. Components that do not exist are kept as written, so that the answer says where the path
 * would be made. Fails with SYMLINK_LOOP after 255 links.
 */
export function resolvePath(
  tree: Pick<FileTree, 'label' | 'get'>,
  path: string,
  options: { readonly followLast: boolean },
): ResolvedPath {
  const pending = path.split('/').reverse();
  let at = '';
  let links = 0;
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = at === '' ? name : `${at}/${name}`;
    const entry = tree.get(next);
    if (entry?.type !== 'symlink' || (!options.followLast && isLast(pending))) {
      at = next;
      continue;
    }
    if (++links > MAX_LINKS) {
      throw new EngineError(
        'SYMLINK_LOOP',
        `/${displayName(path.replace(/^\/+/, ''))} leads through more than ${MAX_LINKS} symbolic links in ${tree.label}.`,
        { hint: 'The links most likely point at each other.' },
      );
    }
    const target = entry.linkname ?? '';
    if (target.startsWith('/')) at = '';
    for (const part of target.split('/').reverse()) pending.push(part);
  }
  const entry = tree.get(at);
  return entry ? { path: at, entry } : { path: at };
}

function isLast(pending: readonly string[]): boolean {
  return pending.every((name) => name === '' || name === '.');
}
