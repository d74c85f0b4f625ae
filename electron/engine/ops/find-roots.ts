import { compileGlob, hasWildcard } from '../base/glob.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';
import { baseName, joinPath } from './source-path.ts';

/** Something a source names, before its own links are followed. */
export interface FoundRoot {
  /** Where the source says it is. */
  readonly path: string;
  /** Its name as written or matched, which it keeps inside a destination folder. */
  readonly name: string;
  /** What it is, links followed inside the tree; absent where they lead nowhere. */
  readonly entry?: TreeEntry;
  /** Its path from where the wildcards begin; absent where the source has none. */
  readonly matched?: string;
}

/**
 * What a clean source path names in the tree. Without wildcards that is one thing, there or not. With wildcards (Go's
 * filepath.Match for each element, no `**`) it is everything that matches, sorted, or nothing; links before the first
 * wildcard are followed, links among the matched folders are not. Fails with SYMLINK_LOOP and BAD_PATTERN.
 */
export function findRoots(tree: FileTree, source: string): readonly FoundRoot[] {
  const elements = source === '' ? [] : source.split('/');
  const first = elements.findIndex(hasWildcard);
  if (first < 0) return [follow(tree, source)];

  const start = resolvePath(tree, elements.slice(0, first).join('/'), { followLast: true });
  let found = start.entry === undefined ? [] : [start.entry];
  for (const element of elements.slice(first)) {
    const matches = compileGlob(element);
    found = found
      .filter((entry) => entry.type === 'dir')
      .flatMap((directory) => tree.children(directory.path).filter((child) => matches(baseName(child.path))));
  }
  const skip = start.path === '' ? 0 : start.path.length + 1;
  return found
    .filter((entry) => entry.type !== 'socket')
    .map((entry) => ({ ...follow(tree, entry.path), matched: entry.path.slice(skip) }));
}

function follow(tree: FileTree, path: string): FoundRoot {
  const { entry } = resolvePath(tree, path, { followLast: true });
  const found = { path, name: baseName(path) };
  return entry === undefined || entry.type === 'socket' ? found : { ...found, entry };
}

/** Whether `path` is on the way to `target`, at it or below it. */
export function isOnTheWay(path: string, target: string): boolean {
  return target === '' || path === target || target.startsWith(`${path}/`) || path.startsWith(`${target}/`);
}

/** The elements of a pattern before its first wildcard, joined. */
export function fixedPrefix(pattern: string): string {
  const elements = pattern.split('/');
  const first = elements.findIndex(hasWildcard);
  return elements.slice(0, first < 0 ? elements.length : first).reduce(joinPath, '');
}
