/** The decoder inside unbzip2-stream; the stream around it holds a whole block as an array of numbers. */
declare module 'unbzip2-stream/lib/bzip2.js' {
  const bzip2: {
    /** Reads a stream's heading; answers the block size in units of 100,000 bytes. */
    header(bits: import('unbzip2-stream/lib/bit_iterator.js').Bits): number;
    /** Decodes one block, byte by byte; answers the stream's checksum so far, or null where the stream has ended. */
    decompress(
      bits: import('unbzip2-stream/lib/bit_iterator.js').Bits,
      onByte: (byte: number) => void,
      work: Int32Array,
      workSize: number,
      checksum: number,
    ): number | null;
  };
  export default bzip2;
}

declare module 'unbzip2-stream/lib/bit_iterator.js' {
  export interface Bits {
    (count: number | null): number;
    readonly bytesRead: number;
  }
  /** `next` gives the next piece of the input, never an empty one. */
  export default function bitIterator(next: () => Uint8Array): Bits;
}
