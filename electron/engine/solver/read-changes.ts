import { differingLines, fileChangesJob } from './file-changes.ts';
import type { FileChange, FileChanges } from '../../../shared/miss-reason.ts';
import type { Digest } from '../base/digest.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { OperationInput } from '../ops/operation.ts';
import { joinPath } from '../ops/source-path.ts';
import type { Store } from '../store/store.ts';
import type { ReadChanges } from './explain.ts';

/** Above this many UTF-16 units together lines that differ are compared in a worker thread. */
const SMALL = 1 << 18;

export interface IgnoreRules {
  /** Name of the ignore file, for messages. */
  readonly file: string;
  /** Whether the patterns of now, and those of then, leave a path out; undefined where those of then are the same or not known. */
  readonly now: (path: string) => boolean;
  readonly before: ((path: string) => boolean) | undefined;
}

/**
 * What became of the files that a step read: names with the folder they were copied from, and whether the ignore file alone is the
 * reason, and the layer that the first changed file is in now. Without the earlier list nothing is named.
 */
export async function readChanges(
  before: Digest,
  input: OperationInput,
  rules: IgnoreRules | undefined,
  { store, pool, signal }: { readonly store: Store; readonly pool: WorkerPool; readonly signal: AbortSignal },
): Promise<ReadChanges> {
  const old = await store.cache.getInputs(before);
  if (old === undefined) return { changes: [], more: 0, added: 0, removed: 0 };
  const lines = differingLines({ before: old, after: input.lines });
  const found: FileChanges =
    lines.before.length + lines.after.length > SMALL
      ? await pool.run('explain.files', lines, { signal })
      : fileChangesJob(lines);
  const ignoreFile =
    rules && found.changes.every((change) => isOfIgnoreFile(change, input, rules)) ? rules.file : undefined;
  const layer = firstLayer(found.changes, input);
  return {
    ...found,
    changes: found.changes.map((change) => ({ ...change, path: pathOf(change, input) })),
    ...(ignoreFile === undefined ? {} : { ignoreFile }),
    ...(layer === undefined ? {} : { layer }),
  };
}

/** Where a name is in the tree; as it is where several folders may have had it. */
function pathOf({ path }: FileChange, { roots, tree }: OperationInput): string {
  if (path === '.') return roots[0] === undefined || roots[0] === '' ? path : roots[0];
  const places = roots.map((root) => joinPath(root, path));
  return places.find((place) => tree.get(place) !== undefined) ?? places[0] ?? path;
}

function isOfIgnoreFile(
  change: FileChange,
  { roots }: OperationInput,
  { file, now, before }: IgnoreRules,
): boolean {
  const matched = (isIgnored: (path: string) => boolean): boolean =>
    roots.some((root) => isIgnored(joinPath(root, change.path)));
  if (change.what.includes('removed')) return matched(now);
  if (change.what.includes('added')) return before === undefined || matched(before);
  return change.path === file;
}

/** The layer that holds the first of the files that are still there. */
function firstLayer(changes: readonly FileChange[], input: OperationInput): Digest | undefined {
  const { tree } = input;
  if (!('layerOf' in tree)) return undefined;
  const layerOf = tree.layerOf as (path: string) => Digest | undefined;
  for (const change of changes) {
    const layer = change.what.includes('removed') ? undefined : layerOf(pathOf(change, input));
    if (layer !== undefined) return layer;
  }
  return undefined;
}
