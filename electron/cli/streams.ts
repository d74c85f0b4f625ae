/** Where the command line reads and writes; passed in so that tests can look. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder relative paths start from. */
  readonly cwd: string;
}

/** Writes a line to standard output: the result of a command, for people and scripts. */
export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

/** Writes a line to standard error: progress and errors. */
export function note(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text}\n`);
}
