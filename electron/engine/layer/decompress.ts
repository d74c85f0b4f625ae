import { Readable, pipeline } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import xz from 'xz-decompress';
import { EngineError } from '../base/errors.ts';
import { bunzip } from './bunzip.ts';
import { hasValidChecksum } from './tar-fields.ts';
import { BLOCK } from './tar-format.ts';
import { createTarParser } from './tar-parser.ts';
import { zstdFrames } from './zstd-frames.ts';

/** Telling archives by their content, never by their names, and decompressing them as streams. */

export type ArchiveFormat = 'tar' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

/** Memory a zstd frame may ask for: 128 MiB, the limit of the zstd tool. */
const ZSTD_WINDOW_LOG = 27;
const OUTPUT_CHUNK = 256 * 1024;
/** What xz-embedded answers for dictionaries above its limit, and for integrity checks and filters it does not know. */
const XZ_NEEDS_MEMORY = '4';
const XZ_OPTION = '6';
const XZ_NO_INPUT = '8';
/** A tar that has no entry within this many bytes is not worth being taken for one. */
const PROBE_LIMIT = 4 * 1024 * 1024;

const MAGIC: readonly (readonly [format: ArchiveFormat, bytes: readonly number[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** What the first bytes (512 are enough) say an archive is; undefined where it is none of those known. */
export function sniffArchive(firstBytes: Uint8Array): ArchiveFormat | undefined {
  const first = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, firstBytes.byteLength);
  for (const [format, bytes] of MAGIC) if (bytes.every((byte, i) => first[i] === byte)) return format;
  // A skippable zstd frame, RFC 8878.
  if (first.length >= 8 && (first.readUInt32LE(0) & 0xffff_fff0) >>> 0 === 0x184d_2a50) return 'zstd';
  return first.length >= BLOCK && hasValidChecksum(first) ? 'tar' : undefined;
}

/**
 * The source decompressed by what its content says; anything that is not compressed comes through as it is. Never reads
 * ahead by more than a few pieces; how much comes out is for the caller to limit. Fails with LAYER_CORRUPT or
 * LAYER_TRUNCATED, or as the source does.
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const guarded = guard(source);
  try {
    const { first, all } = await peek(guarded.chunks);
    const format = sniffArchive(first);
    if (format === undefined || format === 'tar') yield* all;
    else yield* decoder(format, all);
  } catch (error) {
    if (guarded.failed()) throw guarded.failure();
    throw toEngineError(error);
  } finally {
    // Not every decoder does this once it has seen the end of its data, or nobody reads on.
    await guarded.chunks.return();
  }
}

/**
 * Whether ADD unpacks this content: it is a tar, compressed or not, with at least one entry that can be read (BuildKit's
 * rule). Reads no further than that. Fails only as the source does.
 */
export async function isTarArchive(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<boolean> {
  let found = false;
  let seen = 0;
  const parser = createTarParser({ member: () => void (found = true) });
  const guarded = guard(source);
  try {
    for await (const chunk of decompressed(guarded.chunks)) {
      parser.push(chunk);
      seen += chunk.length;
      if (found || seen > PROBE_LIMIT) break;
    }
  } catch (error) {
    if (guarded.failed()) throw guarded.failure();
    if (!(error instanceof EngineError)) throw error;
  }
  return found;
}

function toEngineError(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof EngineError || !(error instanceof Error)) return error;
  if (code === 'Z_BUF_ERROR')
    return new EngineError('LAYER_TRUNCATED', 'The compressed archive ends too early.');
  return new EngineError('LAYER_CORRUPT', `The compressed archive is damaged (${message}).`, {
    cause: error,
  });
}

function decoder(
  format: Exclude<ArchiveFormat, 'tar'>,
  source: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  if (format === 'bzip2') return bunzip(source);
  if (format === 'xz') return unxz(source);
  const stream =
    format === 'gzip'
      ? createGunzip({ chunkSize: OUTPUT_CHUNK })
      : createZstdDecompress({
          chunkSize: OUTPUT_CHUNK,
          params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
        });
  // The reader of `stream` sees every error; pipeline is for closing both ends when either does.
  const input = format === 'zstd' ? zstdFrames(source) : source;
  pipeline(Readable.from(input, { objectMode: true, highWaterMark: 2 }), stream, () => undefined);
  return stream;
}

async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const input = ReadableStream.from(source) as globalThis.ReadableStream<Uint8Array>;
  try {
    yield* new xz.XzReadableStream(input) as AsyncIterable<Uint8Array> & ReadableStream<Uint8Array>;
  } catch (error) {
    const reason = /error code (\d+)/.exec((error as Error).message)?.[1];
    if (reason === XZ_NO_INPUT) throw new EngineError('LAYER_TRUNCATED', 'The xz archive ends too early.');
    if (reason !== XZ_NEEDS_MEMORY && reason !== XZ_OPTION) throw error;
    throw new EngineError(
      'LAYER_UNSUPPORTED_COMPRESSION',
      'The xz archive was made with settings that are not supported.',
      {
        hint: 'Compress it again with xz -9 or less and --check=crc64, which is the default.',
        cause: error,
      },
    );
  }
}

interface Guarded {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  failed(): boolean;
  failure(): unknown;
}

/** Remembers how a source failed, since decoders wrap or rename what they were given. */
function guard(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Guarded {
  let failed = false;
  let failure: unknown;
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* source;
    } catch (error) {
      failed = true;
      failure = error;
      throw error;
    }
  }
  return { chunks: chunks(), failed: () => failed, failure: () => failure };
}

/** The first block of the source (or all there is), and the source with nothing missing. */
async function peek(
  source: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<{ first: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  let first: Uint8Array = Buffer.alloc(0);
  while (first.length < BLOCK) {
    const next = await source.next();
    if (next.done) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    if (first.length > 0) yield first;
    yield* source;
  }
  return { first, all: all() };
}
