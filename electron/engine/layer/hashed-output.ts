import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Digest } from '../base/digest.ts';

/**
 * A file written front to back through one large buffer, hashed on its way, synchronously: for worker threads. Callers put
 * bytes straight into `buffer` at `used` and move `used`, so that nothing is copied twice.
 */
export interface HashedOutput extends Disposable {
  readonly buffer: Buffer;
  used: number;
  /** Bytes so far. */
  readonly position: number;
  /** Makes room for this many bytes, at most the buffer's length. */
  ensure(length: number): void;
  write(bytes: Uint8Array): void;
  /** Writes what is left and closes the file, which is not synced to disk. */
  finish(): { readonly digest: Digest; readonly size: number };
}

/** More than the largest tar header, and large enough that system calls cost nothing. */
const CAPACITY = 2 * 1024 * 1024;

/** Creates the file, or empties it. Disposing closes it and leaves what was written. */
export function hashedOutput(path: string): HashedOutput {
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  const buffer = Buffer.allocUnsafeSlow(CAPACITY);
  let flushed = 0;
  let open = true;

  function flush(): void {
    const bytes = buffer.subarray(0, output.used);
    hash.update(bytes);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    flushed += bytes.length;
    output.used = 0;
  }
  function close(): void {
    if (open) closeSync(file);
    open = false;
  }
  const output: HashedOutput = {
    buffer,
    used: 0,
    get position() {
      return flushed + output.used;
    },
    ensure(length) {
      if (output.used + length > CAPACITY) flush();
    },
    write(bytes) {
      for (let at = 0; at < bytes.length;) {
        output.ensure(1);
        const length = Math.min(CAPACITY - output.used, bytes.length - at);
        buffer.set(bytes.subarray(at, at + length), output.used);
        output.used += length;
        at += length;
      }
    },
    finish() {
      flush();
      close();
      return { digest: `sha256:${hash.digest('hex')}`, size: flushed };
    },
    [Symbol.dispose]: close,
  };
  return output;
}
