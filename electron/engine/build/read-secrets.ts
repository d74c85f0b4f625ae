import { open } from 'node:fs/promises';
import { EngineError } from '../base/errors.ts';
import type { SecretSource } from './build-request.ts';

/** As BuildKit has it. */
export const MAX_SECRET_BYTES = 500 * 1024;

/**
 * Reads the secrets of a build, each once, so that every step has the same and a pipe will do. Fails with SECRET_UNREADABLE and
 * SECRET_TOO_LARGE; no message holds a value.
 */
export async function readSecrets(
  sources: readonly SecretSource[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const secrets = new Map<string, Uint8Array>();
  for (const source of sources) {
    const data = 'path' in source ? await readFile(source.id, source.path) : Buffer.from(source.value);
    if (data.length > MAX_SECRET_BYTES) {
      throw new EngineError('SECRET_TOO_LARGE', `The secret "${source.id}" has more than 500 KiB.`, {
        hint: 'Mount large files with --mount=type=bind instead.',
      });
    }
    secrets.set(source.id, data);
  }
  return secrets;
}

/** At most one byte more than is allowed, whatever is there. */
async function readFile(id: string, path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const data = Buffer.alloc(MAX_SECRET_BYTES + 1);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(data, size, data.length - size);
      size += bytesRead;
      if (bytesRead === 0 || size === data.length) return data.subarray(0, size);
    }
  } catch (cause) {
    throw new EngineError('SECRET_UNREADABLE', `The secret "${id}" cannot be read from ${path}.`, {
      hint: 'See whether the file is there and may be read; --secret id=NAME,src=FILE.',
      cause,
    });
  }
}
