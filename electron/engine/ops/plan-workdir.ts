import { displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { createLayerDraft, type DraftBase } from './layer-draft.ts';
import type { Owner } from './owner.ts';
import { withPlace, type Place } from './place.ts';

export interface WorkdirPlanOptions extends Place {
  /** Absolute, clean. */
  readonly path: string;
  /** Who owns what is made: the USER in force. */
  readonly owner: Owner;
  /** The stage so far. */
  readonly base: DraftBase;
  /** Whole seconds since 1970. */
  readonly createdAt: number;
}

/**
 * The layer a WORKDIR makes: the directories of the path that are missing, 0755, links followed inside the base. Empty
 * where the directory exists. Fails, with the place, with WORKDIR_NOT_DIRECTORY and SYMLINK_LOOP.
 */
export function planWorkdir(options: WorkdirPlanOptions): LayerPlanEntry[] {
  const { path, owner, base, createdAt } = options;
  return withPlace(options, () => {
    const draft = createLayerDraft(base);
    const obstacle = draft.makeDirectories(draft.resolve(path), { ...owner, mode: 0o755, mtime: createdAt });
    if (obstacle !== undefined) {
      throw new EngineError(
        'WORKDIR_NOT_DIRECTORY',
        `${displayName(path)} cannot be the working directory: /${displayName(obstacle)} is not a directory.`,
      );
    }
    return draft.entries();
  });
}
