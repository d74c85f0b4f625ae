import type { WatchState } from '../../shared/contract.ts';
import type { Handlers } from './router.ts';
import type { Services } from './services.ts';

/** Not more often than this are windows told how a watch goes on. */
const PAUSE_MS = 50;

/** `projects.watch` and `projects.watching`: building again on save. */
export function watchHandlers({ watches }: Services): Pick<Handlers, 'projects.watch' | 'projects.watching'> {
  return {
    'projects.watch': ({ id, ...choice }) => watches.choose(id, choice),
    'projects.watching': async (_input, { signal, emit }) => {
      let news = Promise.withResolvers<void>();
      const unsubscribe = watches.subscribe(() => news.resolve());
      signal.addEventListener('abort', () => news.resolve());
      try {
        let said = '';
        while (!signal.aborted) {
          news = Promise.withResolvers<void>();
          if (signal.aborted) break;
          const states: readonly WatchState[] = watches.states();
          const saying = JSON.stringify(states);
          if (saying !== said) await emit(states);
          said = saying;
          await news.promise;
          if (!signal.aborted) await pause(signal);
        }
      } finally {
        unsubscribe();
      }
      return null;
    },
  };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
