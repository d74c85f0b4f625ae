import { patternMatcher, type Pattern } from '../base/patterns.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { applyChanges, type Difference, type PathChange } from './apply-changes.ts';
import { FILE, pathsOf, SETTLED, stampOf, UNKNOWN, type ContextColumns } from './columns.ts';
import { contextTree } from './context-tree.ts';
import { digestFrom, nodeAt, type LiveNode } from './live-node.ts';
import { liveNodesOf } from './live-nodes-of.ts';
import { hashNodes, liveTree } from './live-tree.ts';
import { recordReads, type RecordedReads } from './recorded-reads.ts';
import { sameColumns } from './same-columns.ts';
import { walkFolder, type WalkedFolder, type WalkFolderOptions } from './walk-folder.ts';

/**
 * A context in memory, from build to build: what changed is told to it, so that the next build neither walks the folder nor
 * asks about unchanged files. One build at a time.
 */
export interface LiveContext {
  /**
   * Brings it up to date: at the paths named (relative to the folder), or all of it, in which case the folder is walked.
   * Answers which paths are not as they were: other bytes, mode, kind or target, there or gone. Undefined means that
   * something is, but not known what. Fails as a walk does, and with CONTEXT_FILE_CHANGED where a file changes
   * meanwhile; all of it is then looked at the next time.
   */
  update(
    changes: ReadonlyMap<string, PathChange> | 'everything',
    signal?: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /** Whether the last build, as far as it came, asked about this path; yes where there was none. */
  concerns(path: string): boolean;
  /** The tree for a build. It is walked where nothing is known of it, or where folder or ignore file are other ones. */
  tree(options: TreeOptions): Promise<LiveContextTree>;
}

export interface LiveContextTree extends Omit<WalkedFolder, 'columns'> {
  readonly tree: FileTree;
}

type TreeOptions = WalkFolderOptions & { readonly label: string };

/** What is known of the context: as columns after a walk, as nodes after a change. */
interface Known extends Omit<WalkedFolder, 'columns'> {
  readonly options: TreeOptions;
  readonly columns: ContextColumns | undefined;
  readonly nodes: LiveNode | undefined;
  readonly reads: RecordedReads;
  /** Something went wrong while it was brought up to date: any of it may be different. */
  readonly doubtful?: true;
}

/** A live context that knows nothing yet. */
export function createLiveContext(): LiveContext {
  let known: Known | undefined;
  let asked: RecordedReads | undefined;

  return {
    async update(changes, signal) {
      if (!known) return undefined;
      const before = known;
      known = { ...before, doubtful: true };
      if (changes === 'everything' || before.doubtful) {
        const after = await walk({ ...before.options, signal, onFiles: undefined }, before.nodes);
        const same = before.columns !== undefined && sameColumns(before.columns, after.columns!);
        known = same && !before.doubtful ? before : after;
        return same ? [] : undefined;
      }
      const { after, paths } = await apply(before, changes, signal);
      known = after;
      return paths;
    },
    concerns: (path) => asked?.concerns(path) ?? true,
    async tree(options) {
      if (!known || known.doubtful || !isSameFolder(known.options, options)) {
        known = await walk(options, known?.nodes);
      }
      const { warnings, stats, reads } = known;
      asked = reads;
      return { warnings, stats, tree: reads.tree };
    },
  };
}

async function walk(options: TreeOptions, before: LiveNode | undefined): Promise<Known> {
  const { columns, warnings, stats } = await walkFolder(options);
  if (before) carryDigests(before, columns);
  const reads = recordReads(contextTree(columns, options));
  return { options, columns, nodes: undefined, warnings, stats, reads };
}

async function apply(
  before: Known,
  changes: ReadonlyMap<string, PathChange>,
  signal?: AbortSignal,
): Promise<{ readonly after: Known; readonly paths: readonly string[] }> {
  const { root, patterns } = before.options;
  const matcher = patternMatcher(patterns);
  const nodes = before.nodes ?? (await liveNodesOf(before.columns!, matcher));
  const { tree, differences } = await applyChanges(nodes, changes, { root, matcher });
  const compared = differences.filter(mayBeTheSameBytes).map(({ after }) => after!);
  await hashNodes(compared, before.options, signal);
  const paths = [...new Set(differences.filter(isOther).map(({ path }) => path))];
  if (tree === nodes) return { after: { ...before, nodes }, paths };
  const reads = recordReads(liveTree(tree, before.options));
  return { after: { ...before, columns: undefined, nodes: tree, reads }, paths };
}

function mayBeTheSameBytes({ before, after }: Difference): boolean {
  return before?.digest !== undefined && after?.kind === FILE && before.entry.size === after.entry.size;
}

function isOther({ before, after }: Difference): boolean {
  if (before?.visible !== true && after?.visible !== true) return false;
  if (!before || !after || before.kind !== after.kind || before.entry.mode !== after.entry.mode) return true;
  if (before.entry.linkname !== after.entry.linkname) return true;
  return after.kind === FILE && (before.digest === undefined || before.digest.hex !== after.digest?.hex);
}

function isSameFolder(a: WalkFolderOptions, b: WalkFolderOptions): boolean {
  const same = (pattern: Pattern, i: number): boolean =>
    pattern.text === b.patterns[i]!.text && pattern.exception === b.patterns[i]!.exception;
  return a.root === b.root && a.patterns.length === b.patterns.length && a.patterns.every(same);
}

/** What was found out about files since their digests were last kept on disk. */
function carryDigests(before: LiveNode, columns: ContextColumns): void {
  const pathOf = pathsOf(columns);
  for (let row = 0; row < columns.count; row++) {
    if (columns.kinds[row] !== FILE || columns.known[row] !== UNKNOWN) continue;
    const digest = digestFrom(nodeAt(before, pathOf(row)), stampOf(columns, row));
    if (!digest) continue;
    columns.digests.set(Buffer.from(digest.hex, 'hex'), row * 32);
    columns.known[row] = SETTLED;
  }
}
