import type { Section } from './router.ts';
import type { Services } from './services.ts';

/** `system.*`: what this application is, and news that a list is out of date. */
export function systemHandlers({ engine, changes, host }: Services): Section<'system'> {
  return {
    'system.info': () => ({
      version: host.version,
      host: host.kind,
      platform: `${process.platform}/${process.arch}`,
      store: engine.store.root,
      nativeDialogs: host.dialogs !== undefined,
    }),
    'system.check': () => engine.check(),
    'system.changes': (_input, { signal, emit }) =>
      new Promise((resolve) => {
        const unsubscribe = changes.subscribe((change) => void emit(change));
        signal.addEventListener('abort', () => {
          unsubscribe();
          resolve(null);
        });
      }),
  };
}
