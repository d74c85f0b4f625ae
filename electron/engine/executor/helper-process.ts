import { once } from 'node:events';
import { Writable, type Readable } from 'node:stream';
import { asIdentity, type Identity } from '../base/identity.ts';
import { helperEnvironment } from '../base/programs.ts';
import { spawnAs } from '../base/spawn-as.ts';
import type { ProcessIo } from './process-io.ts';
import { runInTerminal } from './pseudo-terminal.ts';
import { toolMissing } from './tool-missing.ts';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type OutputListener = (data: Buffer) => Promise<void> | undefined | void;

export interface HelperOptions {
  readonly cwd?: string;
  /** Its output as it comes. While a promise that one answers is open no more of it is read, and the program has to wait. */
  readonly onStdout?: OutputListener;
  readonly onStderr?: OutputListener;
  /** What the program reads from file descriptor 3, to its end. */
  readonly input?: Uint8Array;
  /** What the program has as its streams instead of the callbacks. */
  readonly io?: ProcessIo;
}

/**
 * Runs a program of the system as `identity`, root over the files of images, to its end and answers how it ended; its output
 * goes to the callbacks as it comes, unheard output to nowhere. It is killed with this process and when `signal` fires, which
 * also rejects, after the process is gone. Fails with RUN_TOOL_MISSING where util-linux is not installed; a program that is
 * missing ends with 127.
 */
export async function runHelper(
  identity: Identity,
  command: string,
  args: readonly string[],
  options: HelperOptions,
  signal: AbortSignal,
): Promise<ProcessEnd> {
  signal.throwIfAborted();
  const { cwd, onStdout, onStderr, input, io } = options;
  if (io?.kind === 'pty') return runInTerminal(asIdentity(identity, command, args), io, input, signal);
  const child = spawnAs(identity, command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: [
      ...(io
        ? (['inherit', 'inherit', 'inherit'] as const)
        : (['ignore', onStdout ? 'pipe' : 'ignore', onStderr ? 'pipe' : 'ignore'] as const)),
      input ? 'pipe' : 'ignore',
    ],
    env: helperEnvironment(),
  });
  const pipe = child.stdio[3];
  if (pipe instanceof Writable) {
    // A program that ends before it has read everything says by its exit code what was wrong.
    pipe.on('error', () => undefined);
    pipe.end(input);
  }
  listen(child.stdout, onStdout);
  listen(child.stderr, onStderr);
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const [code, endSignal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    signal.throwIfAborted();
    return { code, signal: endSignal };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw toolMissing('setpriv', 'util-linux');
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function listen(stream: Readable | null, listener: OutputListener | undefined): void {
  if (!stream || !listener) return;
  stream.on('data', (data: Buffer) => {
    const handled = listener(data);
    if (!handled) return;
    stream.pause();
    void handled.finally(() => stream.resume());
  });
}
