import type { JobContext } from '../base/worker-job.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { cancellation } from './cancellation.ts';
import { contentChunks } from './content-reader.ts';
import { decompressed, isTarArchive } from './decompress.ts';
import { archiveEntry } from './entry-path.ts';
import type { ContentSource } from './file-tree.ts';
import { hashedOutput } from './hashed-output.ts';
import { createTarListing, limited } from './tar-listing.ts';
import type { TocEntry } from './toc.ts';
import { parseToc, serializeToc } from './toc-codec.ts';

/** The two looks that ADD takes at a local file: whether it is an archive, and what is in it. Both run in a worker thread. */

export interface ExpandArchiveInput {
  readonly source: ContentSource;
  /** Where the uncompressed tar is written; the plan made from the entries reads their bytes there. Not synced. */
  readonly tarPath: string;
  /** Refuse archives that are larger uncompressed; 64 GiB if left out. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 ** 3;

/** Whether ADD unpacks this file, see {@link isTarArchive}. Fails with CONTEXT_FILE_CHANGED. */
export function probeArchive(
  pool: WorkerPool,
  source: ContentSource,
  signal?: AbortSignal,
): Promise<boolean> {
  return pool.run<boolean>('archive.probe', { source }, { signal });
}

/**
 * Decompresses an archive to `tarPath` and lists it for {@link import('./unpack-plan.ts').planUnpack}: names are clean and
 * stay below the root, hard links name a path of the archive, files have offset and digest. Whiteouts mean nothing here, so
 * such names come as they are. Fails with CONTEXT_FILE_CHANGED and the codes of tar-parser.ts, decompress.ts, entry-path.ts
 * and LAYER_TOO_LARGE.
 */
export async function expandArchive(
  pool: WorkerPool,
  input: ExpandArchiveInput,
  signal?: AbortSignal,
): Promise<readonly TocEntry[]> {
  return parseToc(await pool.run<string>('archive.expand', input, { signal }));
}

/** The worker's side of {@link probeArchive}. */
export function probeArchiveJob(input: { readonly source: ContentSource }): Promise<boolean> {
  return isTarArchive(contentChunks(input.source));
}

/** The worker's side of {@link expandArchive}: answers the entries as toc-codec.ts writes them. */
export async function expandArchiveJob(
  input: ExpandArchiveInput,
  context: Pick<JobContext, 'cancelled'>,
): Promise<string> {
  using output = hashedOutput(input.tarPath);
  const listing = createTarListing((member) => archiveEntry(member));
  const chunks = decompressed(contentChunks(input.source));
  for await (const chunk of limited(chunks, input.maxBytes ?? DEFAULT_MAX_BYTES)) {
    if (context.cancelled()) throw cancellation();
    listing.push(chunk);
    output.write(chunk);
  }
  output.finish();
  return serializeToc(listing.finish());
}
