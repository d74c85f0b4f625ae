import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { findProgram, helperEnvironment } from '../base/programs.ts';
import type { ProcessEnd } from './helper-process.ts';
import type { NewTerminal, PseudoTerminal, TerminalSize } from './process-io.ts';
import { quote } from './shell-quote.ts';
import { toolMissing } from './tool-missing.ts';

/**
 * Runs a program of the system, whose words die with their parent as asIdentity's do, in a terminal made for it, and answers how
 * it ended; `input` is on its descriptor 3. The terminal is made by script(1), because Node cannot. Everything is killed with
 * this process and when `signal` fires, which also rejects. Fails with RUN_TOOL_MISSING, and as `onData` does.
 */
export async function runInTerminal(
  words: readonly string[],
  { size, onOpen, onData }: NewTerminal,
  input: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<ProcessEnd> {
  if ((await findProgram('script')) === undefined) throw toolMissing('script', 'bsdutils');
  signal.throwIfAborted();
  const command = [
    // The terminal's name first. The descriptor stays open: its end says that all of them are gone.
    'tty >&4',
    `stty ${sizeWords(size).join(' ')}`,
    `exec ${words.map(quote).join(' ')}`,
  ].join('\n');
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'script', '--quiet', '--return', '--flush', '--command', command, '/dev/null'],
    { stdio: ['pipe', 'pipe', 'ignore', 'pipe', 'pipe'], env: helperEnvironment() },
  );
  const bundle = child.stdio[3] as Writable;
  const { stdin, stdout } = child as { stdin: Writable; stdout: Readable };
  // Whoever ends before it has read everything says by its exit code what was wrong.
  for (const pipe of [bundle, stdin]) pipe.on('error', () => undefined);
  bundle.end(input);
  const killed = Promise.withResolvers<void>();
  const kill = (): void => {
    killed.resolve();
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const ended = closed.then(
      () => undefined,
      () => undefined,
    );
    onOpen(terminalOf(stdin, firstLine(child.stdio[4] as Readable), ended));
    let failure: { readonly error: unknown } | undefined;
    for await (const data of stdout as AsyncIterable<Buffer>) {
      if (signal.aborted || failure) continue;
      try {
        await Promise.race([onData(data), killed.promise]);
      } catch (error) {
        failure = { error };
        kill();
      }
    }
    const [code, endSignal] = await closed;
    signal.throwIfAborted();
    if (failure) throw failure.error;
    return { code, signal: endSignal };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw toolMissing('setpriv', 'util-linux');
    throw error;
  } finally {
    kill();
    signal.removeEventListener('abort', kill);
  }
}

/** The first line that comes; empty where the stream ends before. The rest is thrown away. */
function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      if (!said.includes('\n')) said += part;
      if (said.includes('\n')) resolve(said.slice(0, said.indexOf('\n')));
    });
    stream.on('close', () => resolve(''));
  });
}

function terminalOf(keyboard: Writable, named: Promise<string>, ended: Promise<void>): PseudoTerminal {
  let isEnded = false;
  void ended.then(() => (isEnded = true));
  let wanted: TerminalSize | undefined;
  let resizing: Promise<void> | undefined;

  /** One at a time, and always on to the last that was asked for. */
  async function resizeAll(): Promise<void> {
    const path = await named;
    while (wanted && path !== '' && !isEnded) {
      const words = sizeWords(wanted);
      wanted = undefined;
      // Fails where it has just ended.
      await new Promise<void>((resolve) =>
        execFile('stty', ['-F', path, ...words], { env: helperEnvironment() }, () => resolve()),
      );
    }
    resizing = undefined;
  }

  return {
    async write(data) {
      if (isEnded || keyboard.destroyed) return;
      const taken = new Promise<void>((resolve) => keyboard.write(data, () => resolve()));
      await Promise.race([taken, ended]);
    },
    async resize(size) {
      wanted = size;
      await (resizing ??= resizeAll());
    },
  };
}

function sizeWords({ columns, rows }: TerminalSize): readonly string[] {
  return ['cols', `${columns}`, 'rows', `${rows}`];
}
