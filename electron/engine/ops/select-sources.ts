import { EngineError } from '../base/errors.ts';
import { hasWildcard } from '../base/glob.ts';
import { patternMatcher, splitPattern, type PatternMatcher, type Verdict } from '../base/patterns.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import type { CopyDefinition } from './definition.ts';
import { findRoots, fixedPrefix, isOnTheWay, type FoundRoot } from './find-roots.ts';
import { missingSource, type MissingSourceOptions } from './missing-source.ts';
import { withPlace } from './place.ts';
import { refuseRemoteSources } from './remote-source.ts';
import type { SelectedEntry, SelectedRoot, Selection } from './selection.ts';
import { cleanPath, parseSourcePath, type SourcePath } from './source-path.ts';

/**
 * Chooses what a COPY or ADD takes from `tree`, by BuildKit's rules: sources never leave the tree; a source that is a
 * link is followed inside it, links below are taken as links; of a folder the contents are taken; a wildcard may match
 * nothing. --exclude is matched inside each copied folder, and, as the documentation has it (BuildKit does not), on what
 * a wildcard matches. --parents keeps folders and knows `**`. Sockets are left out.
 *
 * Fails, always with the place, with COPY_SOURCE_NOT_FOUND, COPY_BAD_EXCLUDE, BAD_PATTERN, SYMLINK_LOOP and what
 * {@link refuseRemoteSources} fails with.
 */
export function selectSources(
  tree: FileTree,
  definition: CopyDefinition,
  options: MissingSourceOptions,
): Selection {
  refuseRemoteSources(definition, options);
  return withPlace(options, () => {
    const excludes = compileExcludes(definition.exclude);
    const roots = definition.sources.flatMap((written) => {
      const source = parseSourcePath(written, definition.parents);
      const found = findRoots(tree, source.root);
      return found.flatMap((root) => selectRoot(tree, root, written, source, excludes, options));
    });
    return { tree, roots };
  });
}

function compileExcludes(patterns: readonly string[]): PatternMatcher | undefined {
  const written = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
  if (written.length === 0) return undefined;
  try {
    return patternMatcher(written.map(splitPattern));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError('COPY_BAD_EXCLUDE', `--exclude: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
}

function selectRoot(
  tree: FileTree,
  found: FoundRoot,
  written: string,
  source: SourcePath,
  excludes: PatternMatcher | undefined,
  options: MissingSourceOptions,
): readonly SelectedRoot[] {
  const { entry, matched, name, path } = found;
  if (matched !== undefined && excludes?.matches(matched)) return [];
  if (entry === undefined) throw missingSource(tree, matched === undefined ? written : path, options);
  if (entry.type !== 'dir') {
    if (source.below === undefined)
      return [{ name, entry, countsItself: true, entries: [{ path: '', entry }] }];
    // A wildcard before `/./` may also match files, which have nothing below them.
    if (matched !== undefined) return [];
    throw missingSource(tree, written, options);
  }
  if (source.below !== undefined) requireBelow(tree, entry, source, written, options);
  const entries = walk(tree, entry, source.below ?? '', excludes);
  return [{ name, entry, countsItself: !source.endsInSlash && path !== '', entries }];
}

/** A --parents source without any wildcard must exist, even if --exclude then takes it away. */
function requireBelow(
  tree: FileTree,
  directory: TreeEntry,
  { root, below = '' }: SourcePath,
  written: string,
  options: MissingSourceOptions,
): void {
  if (hasWildcard(root) || hasWildcard(below)) return;
  if (tree.get(cleanPath(`${directory.path}/${below}`)) === undefined)
    throw missingSource(tree, written, options);
}

/** All of a folder that the pattern `below` includes and `excludes` does not, with the folders that lead there. */
function walk(
  tree: FileTree,
  top: TreeEntry,
  below: string,
  excludes: PatternMatcher | undefined,
): readonly SelectedEntry[] {
  const includes = below === '' ? undefined : patternMatcher([{ text: below, exception: false }]);
  const prefix = fixedPrefix(below);
  const skip = top.path === '' ? 0 : top.path.length + 1;
  const selected: SelectedEntry[] = [];

  const visit = (directory: TreeEntry, included: Verdict, excluded: Verdict): void => {
    for (const entry of tree.children(directory.path)) {
      if (entry.type === 'socket') continue;
      const path = entry.path.slice(skip);
      if (includes !== undefined && !isOnTheWay(path, prefix)) continue;
      const inclusion = includes?.decide(path, included) ?? -1;
      const exclusion = excludes?.decide(path, excluded) ?? -1;
      const isExcluded = excludes?.selects(exclusion) === true;
      const isSelected = !isExcluded && (includes === undefined || includes.selects(inclusion));
      if (isSelected) selected.push({ path, entry });
      if (entry.type !== 'dir' || (isExcluded && excludes!.canPrune(path, exclusion))) continue;
      if (!isSelected) selected.push({ path, entry, implied: true });
      const before = selected.length;
      visit(entry, inclusion, exclusion);
      if (!isSelected && selected.length === before) selected.pop();
    }
  };
  visit(top, -1, -1);
  return selected;
}
