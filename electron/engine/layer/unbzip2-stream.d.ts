/** The decoder inside unbzip2-stream; the stream around it holds a whole block as an array of numbers. */
declare module 'unbzip2-stream/lib/bzip2.js' {
  import type { Bits } from 'unbzip2-stream/lib/bit_iterator.js';

  const bzip2: {
    /** Reads a stream's heading; answers the block size in units of 100,000 bytes. */
    header(bits: Bits): number;
    /** Decodes one block, byte by byte; answers the stream's checksum so far, or null where the stream has ended. */
    decompress(
      bits: Bits,
      onByte: (byte: number) => void,
      work: Int32Array,
      workSize: number,
      checksum: number,
    ): number | null;
  };
  export = bzip2;
}

declare module 'unbzip2-stream/lib/bit_iterator.js' {
  namespace bitIterator {
    interface Bits {
      (count: number | null): number;
      readonly bytesRead: number;
    }
  }
  /** `next` gives the next piece of the input, never an empty one. */
  function bitIterator(next: () => Uint8Array): bitIterator.Bits;
  export = bitIterator;
}
