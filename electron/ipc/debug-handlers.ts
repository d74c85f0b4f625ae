import type { Section } from './router.ts';
import type { Services } from './services.ts';
import { findSession } from './shell-sessions.ts';

/** `debug.*`: shells in failed steps. */
export function debugHandlers({ engine, shells }: Services): Section<'debug'> {
  return {
    'debug.list': ({ buildId }) => engine.debug.list(buildId),
    'debug.open': async ({ columns, rows, ...request }, { caller, emit, signal }) => ({
      exitCode: await shells.open({ ...request, size: { columns, rows } }, caller, emit, signal),
    }),
    'debug.input': async ({ session, data }, { caller }) => {
      await findSession(shells, session, caller).write(data);
      return null;
    },
    'debug.shown': ({ session, length }, { caller }) => {
      shells.get(session, caller)?.shown(length);
      return null;
    },
    'debug.resize': async ({ session, columns, rows }, { caller }) => {
      await shells.get(session, caller)?.resize({ columns, rows });
      return null;
    },
    'debug.close': ({ session }, { caller }) => {
      shells.get(session, caller)?.close();
      return null;
    },
  };
}
