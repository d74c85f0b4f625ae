import bitIterator, { type Bits } from 'unbzip2-stream/lib/bit_iterator.js';
import bzip2 from 'unbzip2-stream/lib/bzip2.js';
import { EngineError } from '../base/errors.ts';

/** No block is longer than this, compressed: 900,000 symbols of at most 20 bits, and its tables. */
const MAX_BLOCK_INPUT = 3 * 1024 * 1024;
const PIECE = 256 * 1024;

/**
 * Decompresses bzip2, concatenated streams included. Memory: one block of input and of output (at most 46 MB, for content
 * that is one byte repeated). Fails with LAYER_TRUNCATED; what the decoder throws means that the data is damaged.
 */
export async function* bunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const input = source[Symbol.asyncIterator]();
  const queue: Uint8Array[] = [];
  let received = 0;
  let ended = false;
  let bits: Bits | undefined;

  async function fill(): Promise<boolean> {
    while (!ended && received - (bits?.bytesRead ?? 0) < MAX_BLOCK_INPUT) {
      const next = await input.next();
      if (next.done) ended = true;
      else if (next.value.length > 0) {
        queue.push(next.value);
        received += next.value.length;
      }
    }
    return received > (bits?.bytesRead ?? 0);
  }
  function nextPiece(): Uint8Array {
    const piece = queue.shift();
    if (!piece) throw new EngineError('LAYER_TRUNCATED', 'The bzip2 archive ends too early.');
    return piece;
  }

  try {
    while (await fill()) {
      bits ??= bitIterator(nextPiece);
      const workSize = 100_000 * bzip2.header(bits);
      for (let checksum: number | null = 0; checksum !== null;) {
        await fill();
        const output = byteSink();
        checksum = bzip2.decompress(bits, output.put, new Int32Array(workSize), workSize, checksum);
        yield* output.pieces();
      }
    }
  } finally {
    await input.return?.();
  }
}

function byteSink(): { put(byte: number): void; pieces(): readonly Buffer[] } {
  const full: Buffer[] = [];
  let piece = Buffer.allocUnsafe(PIECE);
  let used = 0;
  return {
    put(byte) {
      if (used === PIECE) {
        full.push(piece);
        piece = Buffer.allocUnsafe(PIECE);
        used = 0;
      }
      piece[used++] = byte;
    },
    pieces: () => [...full, piece.subarray(0, used)],
  };
}
