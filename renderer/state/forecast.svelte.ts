import type { Client } from '../../shared/contract.ts';
import { displayText } from '../../shared/format.ts';
import { predictionWords } from '../../shared/prediction.ts';
import { errorOf } from '../transport/call-error.ts';

/** What a build would do, for whoever is about to start it. */
export interface Forecast {
  /** One line; undefined until it is known. */
  readonly words: string | undefined;
  /** Asks anew, a moment later, so that passing over a row of buttons asks nothing. Never fails. */
  ask(projectId: string): void;
  /** Nobody wants to know any more: what is under way is stopped. */
  stop(): void;
}

const QUIET_MS = 150;

export function createForecast(client: Pick<Client, 'stream'>): Forecast {
  let words = $state<string | undefined>(undefined);
  let asking = new AbortController();

  function stop(): void {
    asking.abort();
    words = undefined;
  }

  async function look(projectId: string, signal: AbortSignal): Promise<void> {
    let found: string;
    try {
      found = predictionWords(await client.stream('builds.predict', { projectId }, () => undefined, signal));
    } catch (thrown) {
      found = displayText(errorOf(thrown).message, 300);
    }
    if (!signal.aborted) words = found;
  }

  return {
    get words() {
      return words;
    },
    ask(projectId) {
      stop();
      asking = new AbortController();
      const { signal } = asking;
      const timer = setTimeout(() => void look(projectId, signal), QUIET_MS);
      signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    },
    stop,
  };
}
