import type { Digest } from '../base/digest.ts';
import type { TocEntry } from '../layer/toc.ts';

type Table = Promise<readonly TocEntry[]>;

/** About 60 MB: an entry takes some 400 bytes. */
const MAX_ENTRIES = 150_000;

/** Parsed tables of contents, least recently used first out; the latest stays whatever its length. */
export interface TocCache {
  get(diffId: Digest): Table | undefined;
  set(diffId: Digest, table: Table, length: number): void;
  /** Loads once, however many ask meanwhile; a failure is not kept. */
  load(diffId: Digest, read: () => Table): Table;
}

/** An empty cache. */
export function createTocCache(maxEntries: number = MAX_ENTRIES): TocCache {
  const kept = new Map<Digest, { readonly table: Table; readonly length: number }>();
  let total = 0;

  function drop(diffId: Digest): void {
    total -= kept.get(diffId)?.length ?? 0;
    kept.delete(diffId);
  }

  function set(diffId: Digest, table: Table, length: number): void {
    drop(diffId);
    kept.set(diffId, { table, length });
    total += length;
    for (const oldest of kept.keys()) {
      if (total <= maxEntries || oldest === diffId) break;
      drop(oldest);
    }
  }

  return {
    get(diffId) {
      const found = kept.get(diffId);
      if (found === undefined) return undefined;
      kept.delete(diffId);
      kept.set(diffId, found);
      return found.table;
    },
    set,
    load(diffId, read) {
      const table = read();
      set(diffId, table, 0);
      table.then(
        (entries) => {
          if (kept.get(diffId)?.table === table) set(diffId, table, entries.length);
        },
        () => {
          if (kept.get(diffId)?.table === table) drop(diffId);
        },
      );
      return table;
    },
  };
}
