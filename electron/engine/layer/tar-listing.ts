import { createHash, hash as hashOnce, type Hash } from 'node:crypto';
import { EngineError } from '../base/errors.ts';
import { createTarParser, type TarMember, type TarParser } from './tar-parser.ts';
import type { LayerEntry, TocEntry } from './toc.ts';

/** Collects an archive's entries with the offset and digest of each file, while its bytes go by. */
export interface TarListing {
  push(chunk: Uint8Array): void;
  /** All entries, in order. Fails with LAYER_TRUNCATED where the archive is not complete. */
  finish(): readonly TocEntry[];
}

/** `toEntry` says what a member is; those it answers nothing for are left out. Errors as in tar-parser.ts. */
export function createTarListing(toEntry: (member: TarMember) => LayerEntry | undefined): TarListing {
  const entries: TocEntry[] = [];
  let entry: LayerEntry | undefined;
  let hash: Hash | undefined;
  let digest: string | undefined;

  const parser: TarParser = createTarParser({
    member(member) {
      entry = toEntry(member);
      digest = undefined;
      hash = undefined;
    },
    data(chunk) {
      if (entry?.type !== 'file') return;
      // Most files come in one piece, for which a hash object would cost more than the hashing.
      if (chunk.length === entry.size) digest = hashOnce('sha256', chunk, 'hex');
      else hash = (hash ?? createHash('sha256')).update(chunk);
    },
    end(member) {
      if (entry?.type === 'file') {
        digest ??= (hash ?? createHash('sha256')).digest('hex');
        entries.push({ ...entry, offset: member.offset, digest });
      } else if (entry) entries.push(entry);
    },
  });
  return {
    push: (chunk) => parser.push(chunk),
    finish() {
      parser.finish();
      return entries;
    },
  };
}

/** Guards against archives that decompress to more than they should: fails with LAYER_TOO_LARGE above `limit` bytes. */
export async function* limited(
  source: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limit) {
      const shown = limit >= 1e9 ? `${(limit / 1e9).toFixed(1)} GB` : `${limit} bytes`;
      throw new EngineError(
        'LAYER_TOO_LARGE',
        `The archive is larger than ${shown} once it is decompressed.`,
      );
    }
    yield chunk;
  }
}
