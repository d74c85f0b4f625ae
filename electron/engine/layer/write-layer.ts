import { createHash, hash as hashOnce, type Hash } from 'node:crypto';
import type { Digest } from '../base/digest.ts';
import type { JobContext } from '../base/worker-job.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import { cancellation } from './cancellation.ts';
import { createContentReader, sourceChanged, type ContentReader } from './content-reader.ts';
import { archivedPath } from './entry-path.ts';
import { createWriteProgress, publishProgress, type WriteProgress } from './follow-file.ts';
import { bufferedOutput, hashedOutput, type BufferedOutput } from './hashed-output.ts';
import { END_OF_ARCHIVE, paddingOf } from './tar-format.ts';
import { tarHeader } from './tar-header.ts';
import type { LayerPlanEntry, TocEntry } from './toc.ts';
import { contentDigest, serializeToc } from './toc-codec.ts';

/** A layer on disk: its uncompressed tar, and what the store records about it. */
export interface LayerFile {
  readonly diffId: Digest;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  readonly contentDigest: Digest;
  /** The table of contents as toc-codec.ts writes it; text, because that crosses threads and reaches the disk as it is. */
  readonly toc: string;
}

export interface WriteLayerInput {
  readonly entries: readonly LayerPlanEntry[];
  /** Where the tar is written. */
  readonly path: string;
}

type OutputBuffer = Omit<BufferedOutput, 'finish'>;

/** Bytes from which on a second worker is worth its start. */
const LARGE_LAYER = 8 * 1024 * 1024;

/**
 * Writes a layer's tar in a worker thread, in the plan's order, and answers what it is. The same plan over the same bytes
 * always gives the same tar. Nothing is synced: the content store's commit does that; on failure the file at `path` is the
 * caller's to discard. Fails with CONTEXT_FILE_CHANGED, LAYER_RESERVED_NAME, LAYER_BAD_XATTR or LAYER_HEADER_TOO_LARGE.
 */
export async function writeLayer(
  pool: WorkerPool,
  input: WriteLayerInput,
  signal?: AbortSignal,
): Promise<LayerFile> {
  if (input.entries.reduce((sum, { size }) => sum + size, 0) < LARGE_LAYER) {
    return pool.run<LayerFile>('layer.write', input, { signal });
  }
  const progress = createWriteProgress();
  const stop = new AbortController();
  const options = { signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
  const jobs = [
    pool.run<Omit<LayerFile, 'diffId'>>('layer.writeFollowed', { ...input, progress }, options),
    pool.run<Digest>('layer.hash', { path: input.path, progress }, options),
  ] as const;
  try {
    const [written, diffId] = await Promise.all(jobs);
    return { ...written, diffId };
  } catch (error) {
    stop.abort();
    await Promise.allSettled(jobs);
    throw error;
  }
}

/** The worker's side of {@link writeLayer}: one pass, about 3 MiB of memory. */
export function writeLayerJob(input: WriteLayerInput, context: Pick<JobContext, 'cancelled'>): LayerFile {
  using output = hashedOutput(input.path);
  const toc = writeEntries(output, input.entries, context);
  const { digest, size } = output.finish();
  return { diffId: digest, size, ...described(toc) };
}

/** The same for large layers, of which another worker takes the digest meanwhile; see follow-file.ts. */
export function writeFollowedLayerJob(
  input: WriteLayerInput & { readonly progress: WriteProgress },
  context: Pick<JobContext, 'cancelled'>,
): Omit<LayerFile, 'diffId'> {
  using output = bufferedOutput(input.path, (_, position) => publishProgress(input.progress, position));
  const toc = writeEntries(output, input.entries, context);
  const size = output.finish();
  publishProgress(input.progress, size, true);
  return { size, ...described(toc) };
}

function writeEntries(
  output: OutputBuffer,
  entries: readonly LayerPlanEntry[],
  context: Pick<JobContext, 'cancelled'>,
): readonly TocEntry[] {
  using reader = createContentReader();
  const toc: TocEntry[] = [];
  for (const entry of entries) {
    if (context.cancelled()) throw cancellation();
    toc.push(writeEntry(output, reader, entry, context));
  }
  output.write(END_OF_ARCHIVE);
  return toc;
}

function described(toc: readonly TocEntry[]): Pick<LayerFile, 'contentDigest' | 'toc'> {
  return { contentDigest: contentDigest(toc), toc: serializeToc(toc) };
}

function writeEntry(
  output: OutputBuffer,
  reader: ContentReader,
  entry: LayerPlanEntry,
  context: Pick<JobContext, 'cancelled'>,
): TocEntry {
  const { source, digest, ...listed } = entry;
  const type = entry.type === 'whiteout' || entry.type === 'opaque' ? 'file' : entry.type;
  const header = tarHeader({ ...listed, type, name: archivedPath(entry) });
  output.ensure(header.length);
  header.put(output.buffer, output.used);
  output.used += header.length;
  if (entry.type !== 'file') return listed;

  const offset = output.position;
  if (!source) throw new Error(`The plan does not say where the bytes of ${entry.path} are.`);
  const isRecent = source.kind === 'host' && source.recent === true;
  const found = copyContent(output, reader, entry, context, digest === undefined || isRecent);
  if (source.kind === 'host' && isRecent && digest !== undefined && found !== digest) {
    throw sourceChanged(source.path);
  }
  output.ensure(paddingOf(entry.size));
  output.buffer.fill(0, output.used, output.used + paddingOf(entry.size));
  output.used += paddingOf(entry.size);
  return { ...listed, offset, digest: digest ?? found };
}

/** Copies a file's bytes into the output and answers their SHA-256 if asked; with `digest` unwanted, the empty string. */
function copyContent(
  output: OutputBuffer,
  reader: ContentReader,
  entry: LayerPlanEntry,
  context: Pick<JobContext, 'cancelled'>,
  wanted: boolean,
): string {
  const { size } = entry;
  if (size <= output.buffer.length) output.ensure(size);
  const start = output.used;
  const whole = output.used + size <= output.buffer.length;
  const hash: Hash | undefined = wanted && !whole ? createHash('sha256') : undefined;
  reader.read(entry.source!, size, {
    space() {
      if (context.cancelled()) throw cancellation();
      output.ensure(1);
      return output.buffer.subarray(output.used);
    },
    filled(length) {
      hash?.update(output.buffer.subarray(output.used, output.used + length));
      output.used += length;
    },
  });
  if (!wanted) return '';
  return hash ? hash.digest('hex') : hashOnce('sha256', output.buffer.subarray(start, start + size), 'hex');
}
