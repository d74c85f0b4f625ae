import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A Node process of the application under test. */
export interface AppProcess {
  readonly child: ChildProcess;
  output(): string;
  /** The first line on its standard output that matches. Fails with its output when it ends before. */
  line(pattern: RegExp): Promise<string>;
  /** Its exit code; killed after 10 s. */
  ended(): Promise<number | null>;
}

/** Starts a module of the repository on this Node. */
export function startProcess(
  module: string,
  options: {
    readonly args?: readonly string[];
    readonly execArgv?: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): AppProcess {
  // A test runner's own loader and options are no business of the application's.
  const { NODE_OPTIONS: _dropped, ...environment } = process.env;
  const child = fork(`${repository}${module}`, options.args ?? [], {
    cwd: repository,
    execArgv: [...(options.execArgv ?? [])],
    env: { ...environment, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('output');
    });
  }

  return {
    child,
    output: () => output,
    async line(pattern) {
      for (;;) {
        const found = output.split('\n').find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`${module} ended with ${child.exitCode}:\n${output}`);
        await Promise.race([once(child, 'output'), exit]);
      }
    },
    async ended() {
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const [code] = child.exitCode === null && child.signalCode === null ? await exit : [child.exitCode];
      clearTimeout(timer);
      return code;
    },
  };
}
