import { posix } from 'node:path';
import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { suggest } from '../dockerfile/suggest.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';
import type { Place } from './place.ts';
import { baseName, cleanPath, joinPath } from './source-path.ts';

/** What may be known about a path that is not in the tree. */
export interface MissingSourceOptions extends Place {
  /** Whether .dockerignore keeps this path out of the tree. */
  readonly isIgnored?: (path: string) => boolean;
}

/** More names than this in one folder are not searched for a similar one. */
const MOST_NAMES = 5_000;

/** The error for a source that is not there: COPY_SOURCE_NOT_FOUND, with the most likely reason as its hint. */
export function missingSource(tree: FileTree, written: string, options: MissingSourceOptions): EngineError {
  const { isIgnored, file, range } = options;
  return new EngineError(
    'COPY_SOURCE_NOT_FOUND',
    `"${displayName(written)}" does not exist in ${tree.label}.`,
    { hint: explain(tree, written, isIgnored), file, range },
  );
}

function explain(
  tree: FileTree,
  written: string,
  isIgnored: ((path: string) => boolean) | undefined,
): string | undefined {
  const path = cleanPath(written);
  if (isIgnored?.(path)) return 'It is excluded by .dockerignore.';
  const { path: resolved, entry } = resolvePath(tree, path, { followLast: true });
  if (entry !== undefined) return 'It goes through a link to a folder, which --parents does not enter.';
  if (resolved !== path)
    return `It leads to /${displayName(resolved)}, which is not there: links are followed inside ${tree.label} only.`;
  const outside = `Sources are looked for inside ${tree.label}; nothing outside it can be copied.`;
  if (/^\/?\.\.(?:\/|$)/.test(posix.normalize(written))) return outside;
  const similar = similarPath(tree, path);
  if (similar !== undefined) return `Did you mean "${displayName(similar)}"?`;
  return written.startsWith('/') ? outside : undefined;
}

/** The path with its first element that is not there replaced by the most similar name of that folder. */
function similarPath(tree: FileTree, path: string): string | undefined {
  const elements = path.split('/');
  let directory = '';
  for (const [index, name] of elements.entries()) {
    const next = joinPath(directory, name);
    if (tree.get(next) !== undefined) {
      directory = next;
      continue;
    }
    const children = tree.children(directory).slice(0, MOST_NAMES);
    const names = children.filter(({ type }) => type !== 'socket').map((child) => baseName(child.path));
    const similar = suggest(name, names);
    if (similar === undefined) return undefined;
    const whole = [directory, similar, ...elements.slice(index + 1)].reduce(joinPath, '');
    return tree.get(whole) === undefined ? joinPath(directory, similar) : whole;
  }
  return undefined;
}
