import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Digest } from '../base/digest.ts';
import { namingPath } from '../base/errors.ts';

/**
 * A file written front to back through one large buffer, synchronously: for worker threads. Callers put bytes straight into
 * `buffer` at `used` and move `used`, so that nothing is copied twice.
 */
export interface BufferedOutput extends Disposable {
  readonly buffer: Buffer;
  used: number;
  /** Bytes so far. */
  readonly position: number;
  /** Makes room for this many bytes, at most the buffer's length. */
  ensure(length: number): void;
  write(bytes: Uint8Array): void;
  /** Writes what is left, closes the file, which is not synced to disk, and answers its size. */
  finish(): number;
}

/** The same, hashed on its way. */
export interface HashedOutput extends Omit<BufferedOutput, 'finish'> {
  finish(): { readonly digest: Digest; readonly size: number };
}

/** More than the largest tar header, and large enough that system calls cost nothing. */
const CAPACITY = 2 * 1024 * 1024;

/** Creates the file, or empties it. Disposing closes it and leaves what was written. */
export function hashedOutput(path: string): HashedOutput {
  const hash = createHash('sha256');
  const output = bufferedOutput(path, (bytes) => hash.update(bytes));
  const { finish } = output;
  return Object.assign(output, {
    finish: () => ({ size: finish(), digest: `sha256:${hash.digest('hex')}` as const }),
  });
}

/** {@link hashedOutput} without the hash; `written` hears of every piece once it is in the file, and where that ends. */
export function bufferedOutput(
  path: string,
  written: (bytes: Buffer, position: number) => void,
): BufferedOutput {
  const file = openSync(path, 'w');
  const buffer = Buffer.allocUnsafeSlow(CAPACITY);
  let flushed = 0;
  let open = true;

  function flush(): void {
    const bytes = buffer.subarray(0, output.used);
    namingPath(path, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    });
    flushed += bytes.length;
    written(bytes, flushed);
    output.used = 0;
  }
  function close(): void {
    if (open) closeSync(file);
    open = false;
  }
  const output: BufferedOutput = {
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
      return flushed;
    },
    [Symbol.dispose]: close,
  };
  return output;
}
