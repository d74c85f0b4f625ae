import type { CallInput, Client } from '../../shared/contract.ts';
import { errorOf } from '../transport/call-error.ts';

/** What a shell's output goes to. */
export interface ShellScreen {
  readonly columns: number;
  readonly rows: number;
  /** Calls `onshown` when the output has been taken in. */
  write(output: string, onshown: () => void): void;
}

/** A shell in a failed step. */
export interface ShellSession {
  /** How it ended; undefined while it runs. */
  readonly ended: string | undefined;
  input(text: string): void;
  resize(columns: number, rows: number): void;
  /** Kills it. */
  close(): void;
}

/** Output that is shown before the other side is told: far below the amount at which it would wait. */
const TOLD_AT_ONCE = 32_768;
/** UTF-16 units of one message of input. */
const INPUT_PIECE = 32_768;

/** Opens a shell. Never fails: what goes wrong is how it ended. */
export function openShell(
  client: Client,
  request: Pick<CallInput<'debug.open'>, 'buildId' | 'step' | 'when'>,
  screen: ShellScreen,
): ShellSession {
  const controller = new AbortController();
  let ended = $state<string | undefined>(undefined);
  let session: string | undefined;
  /** What happened before the shell had a name. */
  const waiting: (() => void)[] = [];
  let shown = 0;

  /** Whoever types into a shell that has just ended is told by the stream, which says why. */
  const send = (call: (session: string) => Promise<null>): void => {
    const work = (): void => {
      if (session !== undefined && ended === undefined) void call(session).catch(() => undefined);
    };
    if (session === undefined) waiting.push(work);
    else work();
  };

  function tellShown(length: number): void {
    shown += length;
    if (shown < TOLD_AT_ONCE) return;
    const told = shown;
    shown = 0;
    send((name) => client.call('debug.shown', { session: name, length: told }));
  }

  async function run(): Promise<void> {
    try {
      const { exitCode } = await client.stream(
        'debug.open',
        { ...request, columns: screen.columns, rows: screen.rows },
        (event) => {
          if ('data' in event) return screen.write(event.data, () => tellShown(event.data.length));
          session = event.session;
          for (const work of waiting.splice(0)) work();
        },
        controller.signal,
      );
      ended = `The shell has ended with exit code ${exitCode}.`;
    } catch (thrown) {
      if (controller.signal.aborted) return;
      const { message, hint } = errorOf(thrown);
      ended = hint === undefined ? message : `${message} ${hint}`;
    }
  }
  void run();

  return {
    get ended() {
      return ended;
    },
    input(text) {
      for (const data of piecesOf(text, INPUT_PIECE))
        send((name) => client.call('debug.input', { session: name, data }));
    },
    resize(columns, rows) {
      send((name) => client.call('debug.resize', { session: name, columns, rows }));
    },
    close: () => controller.abort(),
  };
}

/** The text in pieces of at most `most` UTF-16 units, none of which ends in the middle of a character. */
export function piecesOf(text: string, most: number): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + most);
    if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1]!)) end--;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}
