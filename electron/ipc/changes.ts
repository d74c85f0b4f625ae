import type { Change } from '../../shared/contract.ts';

/** Tells every window that a list is out of date. */
export interface Changes {
  notify(...changes: readonly Change[]): void;
  /** Calls `listener` for each change until the answered function is called. */
  subscribe(listener: (change: Change) => void): () => void;
}

/** Changes made in one turn of the event loop reach each listener once. */
export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  const waiting = new Set<Change>();

  function flush(): void {
    const changes = [...waiting];
    waiting.clear();
    for (const listener of listeners) for (const change of changes) listener(change);
  }

  return {
    notify(...changes) {
      if (waiting.size === 0 && changes.length > 0) setImmediate(flush);
      for (const change of changes) waiting.add(change);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
