import { EngineError } from '../base/errors.ts';

/**
 * The frames of a zstd stream (RFC 8878, section 3), found without decompressing them. Needed because Node's decoder
 * (24.21) silently drops whatever follows the end of a frame in the same piece of input, and layers made for partial pulls
 * (zstd:chunked) or by parallel compressors have thousands of frames.
 */

const FRAME = 0xfd2f_b528;
const FRAME_BYTES = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
const SKIPPABLE = 0x184d_2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/**
 * The same bytes, cut so that no piece holds bytes of two frames, and without skippable frames. Fails with LAYER_CORRUPT
 * where no frame begins, and with LAYER_TRUNCATED in the middle of one.
 */
export async function* zstdFrames(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const walk = frameWalker();
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const { end, output } = walk.next(chunk, at);
      if (output) yield output;
      at = end;
    }
  }
  if (!walk.isBetweenFrames()) throw new EngineError('LAYER_TRUNCATED', 'The zstd archive ends too early.');
}

interface FrameWalker {
  /** Goes on from `at`, and says how far it came and what of a frame that is; bytes of two frames never come together. */
  next(chunk: Uint8Array, at: number): { readonly end: number; readonly output: Uint8Array | undefined };
  isBetweenFrames(): boolean;
}

/** A small state machine: collect the bytes of a header, or pass over those of a body. */
function frameWalker(): FrameWalker {
  type State =
    | 'magic'
    | 'skippable size'
    | 'descriptor'
    | 'frame header'
    | 'block header'
    | 'block'
    | 'checksum'
    | 'skipping';
  let state: State = 'magic';
  let needed = 4;
  let header: number[] = [];
  let hasChecksum = false;
  let isLastBlock = false;
  let keep = true;

  function enter(next: State, length: number): void {
    state = next;
    needed = length;
    header = [];
  }
  const littleEndian = (): number => header.reduceRight((value, byte) => value * 256 + byte, 0);

  /** What follows once all bytes of a state have been seen. */
  function advance(): void {
    if (state === 'magic') onMagic(littleEndian());
    else if (state === 'skippable size') enter('skipping', littleEndian());
    else if (state === 'descriptor') onDescriptor(header[0]!);
    else if (state === 'frame header') enter('block header', 3);
    else if (state === 'block header') onBlockHeader(littleEndian());
    else if (state === 'block') afterBlock();
    else enter('magic', 4);
  }
  function onMagic(magic: number): void {
    keep = magic === FRAME;
    if (keep) enter('descriptor', 1);
    else if (magic - (magic % 16) === SKIPPABLE) enter('skippable size', 4);
    else
      throw new EngineError('LAYER_CORRUPT', 'The zstd archive is damaged: no frame begins where one must.');
  }
  function onDescriptor(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >> 6;
    const contentSize = sizeFlag === 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeFlag]!;
    hasChecksum = (descriptor & 0x04) !== 0;
    enter('frame header', (isSingleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3]! + contentSize);
  }
  function onBlockHeader(value: number): void {
    const type = (value >> 1) & 3;
    if (type === RESERVED_BLOCK) {
      throw new EngineError(
        'LAYER_CORRUPT',
        'The zstd archive is damaged: it has a block of an unknown type.',
      );
    }
    isLastBlock = (value & 1) !== 0;
    enter('block', type === RLE_BLOCK ? 1 : value >> 3);
  }
  function afterBlock(): void {
    if (!isLastBlock) enter('block header', 3);
    else enter(hasChecksum ? 'checksum' : 'magic', 4);
  }

  return {
    isBetweenFrames: () => state === 'magic' && header.length === 0,
    next(chunk, start) {
      const inMagic = state === 'magic';
      let at = start;
      do {
        const isPassedOver =
          state === 'block' || state === 'checksum' || state === 'skipping' || state === 'frame header';
        const taken = isPassedOver ? Math.min(needed, chunk.length - at) : 1;
        if (!isPassedOver) header.push(chunk[at]!);
        at += taken;
        needed -= taken;
        while (needed === 0) advance();
      } while (at < chunk.length && state !== 'magic' && !inMagic);
      // What kind of frame it is, and so whether it is kept, is only known after the fourth byte.
      if (inMagic) return { end: at, output: state === 'descriptor' ? FRAME_BYTES : undefined };
      return { end: at, output: keep ? chunk.subarray(start, at) : undefined };
    },
  };
}
