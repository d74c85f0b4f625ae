import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../electron/cli.ts', import.meta.url));

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as bytes, for archives. */
  readonly bytes: Buffer;
}

export interface CliOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RunningCli {
  readonly child: ChildProcess;
  /** Resolves when it has printed this on standard error. */
  printed(text: string): Promise<void>;
  readonly result: Promise<CliResult>;
}

/** The command line that runs `slipway` from the sources, for shells. */
export const CLI_COMMAND = [process.execPath, CLI] as const;

/** Runs `slipway` to its end; a failing command is a result, not an error. */
export function slipway(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startSlipway(args, options).result;
}

/** Starts `slipway` and lets the test talk to the process. */
export function startSlipway(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = spawn(CLI_COMMAND[0], [CLI_COMMAND[1], ...args], {
    cwd: options.cwd,
    env: {
      ...process.env,
      SLIPWAY_STORE: undefined,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (part: Buffer) => stdout.push(part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
    for (const look of waiting) look();
  });
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(stdout);
      resolve({ code: code ?? (signal === null ? -1 : -2), stdout: bytes.toString(), stderr, bytes });
    });
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stderr.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void result.then(() => reject(new Error(`It ended without printing "${text}":\n${stderr}`)), reject);
    });
  return { child, printed, result };
}
