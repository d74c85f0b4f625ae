import { displayName } from '../base/byte-path.ts';
import { EngineError, isAbort } from '../base/errors.ts';
import { expandArchive, probeArchive } from '../layer/expand-archive.ts';
import type { FileTree, TreeEntry } from '../layer/file-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { planUnpack } from '../layer/unpack-plan.ts';
import type { Owner } from './owner.ts';
import type { LayerDraft } from './layer-draft.ts';
import type { OperationContext } from './operation.ts';

/** What ADD needs to unpack archives. Disposing of it removes the uncompressed tars, once the layer is written. */
export interface Unpacker extends AsyncDisposable {
  probe(file: TreeEntry): Promise<'tar' | undefined>;
  unpack(file: TreeEntry, destination: string, onto: LayerDraft): Promise<readonly LayerPlanEntry[]>;
}

export interface UnpackerOptions {
  /** Where the archives are. */
  readonly tree: FileTree;
  readonly owner: Owner | undefined;
  /** Whole seconds since 1970. */
  readonly createdAt: number;
}

/** Archives are uncompressed into ingest files in a worker thread; the plan's entries read their bytes there. */
export function createUnpacker(
  { tree, owner, createdAt }: UnpackerOptions,
  { store, pool, signal }: Pick<OperationContext, 'store' | 'pool' | 'signal'>,
): Unpacker {
  const expanded: string[] = [];
  return {
    async probe(file) {
      return (await probeArchive(pool, tree.content(file), signal)) ? 'tar' : undefined;
    },
    async unpack(file, destination, onto) {
      const tarPath = store.blobs.ingestPath();
      expanded.push(tarPath);
      const entries = await expandArchive(pool, { source: tree.content(file), tarPath }, signal).catch(
        (error: unknown) => {
          throw ofArchive(file, error);
        },
      );
      return planUnpack({
        entries,
        tarPath,
        base: onto,
        destination,
        ...(owner === undefined ? {} : { owner }),
        createdAt,
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(expanded.map((path) => store.blobs.discard(path)));
    },
  };
}

/** What is wrong inside an archive, with the archive's name: it may be one of many sources. */
function ofArchive(file: TreeEntry, error: unknown): unknown {
  if (!(error instanceof EngineError) || isAbort(error) || error.code === 'CONTEXT_FILE_CHANGED')
    return error;
  return new EngineError(
    error.code,
    `"${displayName(file.path)}" cannot be unpacked: ${lowered(error.message)}`,
    {
      hint: error.hint,
      cause: error,
    },
  );
}

/** A sentence as the second half of another. */
function lowered(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
