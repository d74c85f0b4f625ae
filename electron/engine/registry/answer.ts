import type { IncomingMessage } from 'node:http';
import type { EngineError } from '../base/errors.ts';
import { networkError, timedOut } from './registry-error.ts';

/** The beginning of an answer; its body comes when it is asked for, as it is stored, never unpacked on the way. */
export interface Answer {
  /** What was asked for in the end, redirects followed. */
  readonly url: URL;
  readonly status: number;
  /** A header, several of one name joined; undefined where there is none. */
  header(name: string): string | undefined;
  /**
   * The chunks of the body. Fails with REGISTRY_TIMEOUT when nothing comes for a while, or REGISTRY_CONNECTION_LOST;
   * whoever stops early closes the connection.
   */
  body(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Lets the body go, for those who do not want it. */
  discard(): void;
}

/** A body up to this size is read to its end, since that is cheaper than a new connection. */
const SMALL = 64 * 1024;

/** An answer over Node's own message. `idleMs` is how long the body may pause. */
export function answerOf(
  message: IncomingMessage,
  url: URL,
  idleMs: number,
  signal: AbortSignal | undefined,
): Answer {
  // A connection that breaks after the body was let go is nobody's concern.
  message.on('error', () => undefined);
  const header = (name: string): string | undefined => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return {
    url,
    status: message.statusCode ?? 0,
    header,
    discard() {
      if (message.complete || Number(header('content-length') ?? SMALL + 1) <= SMALL) message.resume();
      else message.destroy();
    },
    async *body() {
      const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
      try {
        for (;;) {
          const next = await within(idleMs, url.host, chunks.next());
          if (next.done) return;
          yield next.value;
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw networkError(error, url.host);
      } finally {
        if (!message.complete) message.destroy();
      }
    },
  };
}

/** The whole body; more than `limit` bytes fail with what `tooLarge` makes, and are not read. */
export async function readBody(answer: Answer, limit: number, tooLarge: () => EngineError): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body()) {
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
