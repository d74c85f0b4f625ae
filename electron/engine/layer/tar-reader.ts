import { createTarParser, type TarMember } from './tar-parser.ts';

/** A member of a streamed archive, and its content for as long as the iteration stands at it. */
export interface StreamedMember {
  readonly header: TarMember;
  /** The content in pieces; what is not read is skipped. Can be read once. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * The members of an uncompressed archive in order, from a stream. Memory stays at one chunk of the source, which must not
 * reuse a chunk's memory before the next one is asked for. Errors as in tar-parser.ts.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<StreamedMember, void, undefined> {
  type Event = { readonly header: TarMember } | { readonly data: Buffer } | { readonly end: true };
  const events: Event[] = [];
  const parser = createTarParser({
    member: (header) => events.push({ header }),
    data: (data) => events.push({ data }),
    end: () => events.push({ end: true }),
  });
  const chunks = source[Symbol.asyncIterator]();
  let next = 0;

  async function pull(): Promise<Event | undefined> {
    while (next === events.length) {
      events.length = next = 0;
      signal?.throwIfAborted();
      const chunk = await chunks.next();
      if (chunk.done) {
        parser.finish();
        return undefined;
      }
      parser.push(chunk.value);
    }
    return events[next++];
  }

  async function* content(): AsyncGenerator<Buffer, void, undefined> {
    for (let event = await pull(); event && 'data' in event; event = await pull()) yield event.data;
  }

  try {
    for (let event = await pull(); event; event = await pull()) {
      if (!('header' in event)) continue;
      const body = content();
      yield { header: event.header, body };
      await skip(body);
    }
  } finally {
    await chunks.return?.();
  }
}

async function skip(body: AsyncIterable<Buffer>): Promise<void> {
  for await (const part of body) void part;
}
