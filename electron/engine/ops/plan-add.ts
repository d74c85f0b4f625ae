import type { TreeEntry } from '../layer/file-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import type { LayerDraft } from './layer-draft.ts';
import { withPlaceAsync } from './place.ts';
import { createCopier, type CopyPlanOptions } from './plan-copy.ts';

export interface AddPlanOptions extends CopyPlanOptions {
  /** Whether the file holds a tar, compressed or not; its name does not matter. */
  probe(file: TreeEntry): Promise<'tar' | undefined>;
  /**
   * The entries of the archive, to be unpacked into the directory `destination` of what is there so far. Owners are
   * those of the archive.
   */
  unpack(file: TreeEntry, destination: string, onto: LayerDraft): Promise<readonly LayerPlanEntry[]>;
}

/**
 * The layer an ADD makes. Files that the sources name, by themselves or by a wildcard, and that are archives are unpacked
 * into the destination, which then is a directory; --chown applies to what they hold and --chmod does not. Everything
 * else is copied as COPY does, files inside a folder too, and with `--unpack=false` archives. Fails as `planCopy` does.
 */
export async function planAdd(options: AddPlanOptions): Promise<LayerPlanEntry[]> {
  const { definition, selection, owner } = options;
  return withPlaceAsync(options, async () => {
    const copier = createCopier(options);
    for (const root of selection.roots) {
      const mayUnpack = definition.unpack !== false && root.entry.type === 'file';
      if (!mayUnpack || (await options.probe(root.entry)) === undefined) {
        copier.copy(root);
        continue;
      }
      const destination = copier.destinationDirectory();
      const unpacked = await options.unpack(root.entry, destination, copier.draft);
      copier.draft.merge(owner === undefined ? unpacked : unpacked.map((entry) => ({ ...entry, ...owner })));
    }
    copier.copyInline();
    return copier.draft.entries();
  });
}
