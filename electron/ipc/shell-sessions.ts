import { randomBytes } from 'node:crypto';
import type { ShellEvent } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { PseudoTerminal, TerminalSize } from '../engine/debug/shells.ts';
import type { Engine } from '../engine/engine.ts';

export interface ShellRequest {
  readonly buildId: string;
  readonly step?: string | undefined;
  readonly when: 'before' | 'after';
  readonly root?: boolean | undefined;
  readonly size: TerminalSize;
}

/** A shell that a window has, while it is open. */
export interface ShellSession {
  write(data: string): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** So many more UTF-16 units of the output have been shown. */
  shown(length: number): void;
  close(): void;
}

/** The shells of all windows. */
export interface ShellSessions {
  /**
   * Opens a shell for a window, `caller`, and answers its exit code when it has ended, 137 where it was closed. It is killed when
   * `signal` fires, which also rejects. Fails as Shells.open does.
   */
  open(
    request: ShellRequest,
    caller: object,
    emit: (event: ShellEvent) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<number>;
  /** The session of this window; undefined where it has none of that name. */
  get(session: string, caller: object): ShellSession | undefined;
  /** Kills all shells and answers once each has ended. */
  close(): Promise<void>;
}

/** What a window may have unseen, in UTF-16 units. */
const MOST_UNSEEN = 256 * 1024;
/** The exit code of what was killed. */
const KILLED = 137;

/** Sessions over the engine's shells. Their names are random, and heed nobody but the window that opened them. */
export function createShellSessions({ debug }: Pick<Engine, 'debug'>): ShellSessions {
  const sessions = new Map<string, { readonly session: ShellSession; readonly caller: object }>();
  const running = new Set<Promise<unknown>>();

  async function run(
    { buildId, size, ...request }: ShellRequest,
    caller: object,
    emit: (event: ShellEvent) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<number> {
    const name = randomBytes(16).toString('hex');
    const stop = new AbortController();
    const opened = Promise.withResolvers<void>();
    let terminal: PseudoTerminal | undefined;
    const unseen = createAllowance(MOST_UNSEEN);
    const decoder = new TextDecoder();
    const session: ShellSession = {
      write: (data) => opened.promise.then(() => terminal?.write(data)),
      resize: (wanted) => opened.promise.then(() => terminal?.resize(wanted)),
      shown: unseen.give,
      close: () => stop.abort(),
    };
    sessions.set(name, { session, caller });
    try {
      await emit({ session: name });
      return await debug.open(
        buildId,
        {
          ...request,
          io: {
            kind: 'pty',
            size,
            onOpen(made) {
              terminal = made;
              opened.resolve();
            },
            async onData(bytes) {
              const data = decoder.decode(bytes, { stream: true });
              if (data === '') return;
              await emit({ data });
              await unseen.take(data.length);
            },
          },
        },
        AbortSignal.any([signal, stop.signal]),
      );
    } catch (error) {
      if (stop.signal.aborted && !signal.aborted) return KILLED;
      throw error;
    } finally {
      opened.resolve();
      sessions.delete(name);
    }
  }

  return {
    open(request, caller, emit, signal) {
      const ended = run(request, caller, emit, signal);
      running.add(ended);
      const forget = (): void => void running.delete(ended);
      ended.then(forget, forget);
      return ended;
    },
    get(name, caller) {
      const found = sessions.get(name);
      return found?.caller === caller ? found.session : undefined;
    },
    async close() {
      for (const { session } of sessions.values()) session.close();
      await Promise.allSettled(running);
    },
  };
}

/** The session of this window, or SHELL_NOT_FOUND. */
export function findSession(sessions: ShellSessions, name: string, caller: object): ShellSession {
  const session = sessions.get(name, caller);
  if (session) return session;
  throw new EngineError('SHELL_NOT_FOUND', 'This shell has ended.', {
    hint: 'Open another one.',
  });
}

/** Lets one side be ahead of the other by so much. */
function createAllowance(most: number) {
  let ahead = 0;
  let room = Promise.withResolvers<void>();
  return {
    /** Waits until there is room again. */
    async take(amount: number): Promise<void> {
      ahead += amount;
      while (ahead > most) await room.promise;
    },
    give(amount: number): void {
      ahead = Math.max(0, ahead - amount);
      room.resolve();
      room = Promise.withResolvers<void>();
    },
  };
}
