import { closeSync, constants, openSync, readSync } from 'node:fs';
import { fsPath } from '../base/byte-path.ts';

const CHUNK = 1024 * 1024;

/** A file's bytes in pieces of up to 1 MiB, read synchronously as they are asked for: for worker threads. */
export function* fileChunks(path: string): Generator<Buffer, void, undefined> {
  const file = openSync(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (;;) {
      // Fresh memory each time: decompressors may still hold the last piece.
      const buffer = Buffer.allocUnsafeSlow(CHUNK);
      const length = readSync(file, buffer, 0, CHUNK, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
