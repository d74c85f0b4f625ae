import type { JobContext } from '../base/worker-job.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { cancellation } from './cancellation.ts';
import { archiveEntry } from './entry-path.ts';
import { fileChunks } from './file-chunks.ts';
import { createTarListing } from './tar-listing.ts';
import type { LayerEntry, TocEntry } from './toc.ts';
import { parseToc, serializeToc } from './toc-codec.ts';

/**
 * What a tar of an overlay's upper directory says as entries of a layer, in the tar's order: device 0/0 is a whiteout, a
 * directory with overlayfs's opaque attribute has an `opaque` entry after it. Overlayfs links whiteouts to each other, so a
 * hard link to one is one too. Files have the offset of their bytes in the tar. Fails as tar-parser.ts and entry-path.ts do.
 */
export async function listUpper(
  pool: WorkerPool,
  tarPath: string,
  signal?: AbortSignal,
): Promise<readonly TocEntry[]> {
  return parseToc(await pool.run<string>('layer.upper', { path: tarPath }, { signal }));
}

/** The worker's side of {@link listUpper}: answers the entries as toc-codec.ts writes them. */
export function listUpperJob(
  input: { readonly path: string },
  context: Pick<JobContext, 'cancelled'>,
): string {
  const opaque = new Set<string>();
  const whiteouts = new Set<string>();
  const listing = createTarListing((member) => {
    const entry = archiveEntry(member);
    if (member.opaque) opaque.add(entry.path);
    const isWhiteout =
      entry.type === 'char'
        ? entry.device?.every((number) => number === 0)
        : entry.type === 'hardlink' && whiteouts.has(entry.linkname ?? '');
    if (!isWhiteout) return entry;
    whiteouts.add(entry.path);
    return whiteout(entry);
  });
  for (const chunk of fileChunks(input.path)) {
    if (context.cancelled()) throw cancellation();
    listing.push(chunk);
  }
  const entries = listing.finish();
  return serializeToc(
    entries.flatMap((entry) =>
      opaque.has(entry.path) && entry.type === 'dir'
        ? [entry, { ...whiteout(entry), type: 'opaque' as const }]
        : [entry],
    ),
  );
}

/** Hides the path; nothing else about the device that stood for it is of any use. */
function whiteout({ path }: LayerEntry): LayerEntry {
  return { path, type: 'whiteout', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 };
}
