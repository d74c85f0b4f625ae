import type { Identity } from '../base/identity.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { listUpper } from '../layer/list-upper.ts';
import type { LayerPlanEntry, TocEntry } from '../layer/toc.ts';
import { planChanges } from './plan-changes.ts';
import { planDifference } from './plan-difference.ts';
import type { RunEnd } from './run-process.ts';

/**
 * The layer that a process made on `view`: `tarPath` is the tar that Executor.run wrote, in the form it answered. `targets`, relative
 * to the root, are what something was mounted on: what is there only for that is left out. Fails as listUpper does.
 */
export async function readChanges(
  tarPath: string,
  form: RunEnd['form'],
  view: FileTree,
  targets: readonly string[],
  identity: Identity,
  pool: WorkerPool,
  signal: AbortSignal,
): Promise<readonly LayerPlanEntry[]> {
  const listed = await listUpper(pool, tarPath, signal);
  const entries = identity.kind === 'single' ? listed.map((entry) => withOwner(entry, view)) : listed;
  const changed = form === 'upper' ? entries : await planDifference(entries, view, signal);
  return planChanges(changed, tarPath, view, targets);
}

/** Where everything on the disk belongs to one user, what was there keeps its owner, for nobody could change that. */
function withOwner(entry: TocEntry, view: FileTree): TocEntry {
  const below = view.get(entry.path);
  return below ? { ...entry, uid: below.uid, gid: below.gid } : entry;
}
