import type { EngineError } from '../base/errors.ts';
import { networkError, timedOut } from './registry-error.ts';

/**
 * The chunks of an answer's body. Fails with REGISTRY_TIMEOUT when nothing comes for `idleMs`, or REGISTRY_CONNECTION_LOST;
 * whoever stops early closes the connection.
 */
export async function* bodyChunks(
  response: Response,
  host: string,
  idleMs: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const next = await within(idleMs, host, reader.read());
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw networkError(error, host);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** The whole body; more than `limit` bytes fail with what `tooLarge` makes, and are not read. */
export async function readBody(
  response: Response,
  host: string,
  idleMs: number,
  limit: number,
  tooLarge: () => EngineError,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(response, host, idleMs)) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function within<T>(milliseconds: number, host: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(host)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
