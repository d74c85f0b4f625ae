import { INITIAL_BUILD_STATE, foldBuild, type BuildState } from '../../shared/build-state.ts';
import type { Client } from '../../shared/contract.ts';
import type { ErrorPayload } from '../../shared/error-payload.ts';
import { CONNECTION_LOST, errorOf } from '../transport/call-error.ts';

/** A build being watched, live or from its log: it makes no difference here. */
export interface BuildSession {
  readonly state: BuildState;
  /** Why the build cannot be shown. */
  readonly error: ErrorPayload | undefined;
  /** The stream ended and the build did not: the process that ran it is gone. */
  readonly interrupted: boolean;
}

/** Follows the build until it ends or `signal` fires. When the connection breaks the stream is read again. */
export function followBuild(client: Client, buildId: string, signal: AbortSignal): BuildSession {
  let state = $state.raw<BuildState>(INITIAL_BUILD_STATE);
  let error = $state.raw<ErrorPayload | undefined>(undefined);
  let ended = $state(false);

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        await client.stream(
          'builds.follow',
          { buildId },
          (events) => (state = foldBuild(events, state)),
          signal,
        );
        ended = true;
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const payload = errorOf(thrown);
        if (payload.code === CONNECTION_LOST) continue;
        error = payload;
        return;
      }
    }
  }
  void follow();

  return {
    get state() {
      return state;
    },
    get error() {
      return error;
    },
    get interrupted() {
      return ended && state.phase !== 'finished';
    },
  };
}
