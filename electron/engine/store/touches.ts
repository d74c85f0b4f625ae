import type { StoreContext } from './context.ts';

const DELAY_MS = 1_000;

/** When things were used last, written down a second later and together, because it only steers what is cleaned up first. */
export interface Touches<Key> {
  add(keys: Iterable<Key>): void;
  /** Writes what has gathered. Never fails: it is tried again with the next one. */
  flush(): void;
}

/** `write` notes one key inside a transaction; `now` is in milliseconds since 1970. */
export function createTouches<Key>(
  { db, clock }: StoreContext,
  write: (key: Key, now: number) => void,
): Touches<Key> {
  const touched = new Set<Key>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (touched.size === 0) return;
    const now = clock();
    try {
      db.relaxed(() => {
        for (const key of touched) write(key, now);
      });
      touched.clear();
    } catch {
      // As said above.
    }
  }

  return {
    add(keys) {
      if (db.readonly) return;
      for (const key of keys) touched.add(key);
      if (touched.size > 0) timer ??= setTimeout(flush, DELAY_MS).unref();
    },
    flush,
  };
}
