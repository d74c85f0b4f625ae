import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import type { LayerDraft } from './layer-draft.ts';
import type { OperationContext } from './operation.ts';

export interface Unpacker extends AsyncDisposable {
  probe(file: TreeEntry): Promise<'tar' | undefined>;
  unpack(file: TreeEntry, destination: string, onto: LayerDraft): Promise<readonly LayerPlanEntry[]>;
}
export function createUnpacker(_tree: FileTree, _context: OperationContext): Unpacker {
  return {
    probe: async () => undefined,
    unpack: async () => [],
    [Symbol.asyncDispose]: async () => undefined,
  };
}
