import type { Client, WatchState } from '../../shared/contract.ts';
import { CONNECTION_LOST, errorOf } from '../transport/call-error.ts';

/** The projects that are built on save, as all windows see them. */
export interface Watches {
  /** Undefined where the project is not watched. */
  of(projectId: string | undefined): WatchState | undefined;
}

/** Follows them until `signal` fires. */
export function createWatches(client: Client, signal: AbortSignal): Watches {
  let states = $state.raw<readonly WatchState[]>([]);

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        await client.stream('projects.watching', {}, (next) => void (states = next), signal);
        return;
      } catch (thrown) {
        // What is watched when the connection is back is said then.
        states = [];
        if (errorOf(thrown).code !== CONNECTION_LOST) return;
      }
    }
  }
  void follow();

  return { of: (projectId) => states.find((state) => state.projectId === projectId) };
}
