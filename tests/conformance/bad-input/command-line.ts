import { Writable } from 'node:stream';
import { runCommand } from '../../../electron/cli/run.ts';

/** How a command ended and what it wrote. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, in a folder and with a store of its own. */
export async function slipwayHere(
  words: readonly string[],
  options: { readonly cwd: string; readonly store: string },
): Promise<CommandResult> {
  const stdout = collector();
  const stderr = collector();
  const code = await runCommand(words, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment: { SLIPWAY_STORE: options.store, NO_COLOR: '1' },
    cwd: options.cwd,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): { readonly stream: Writable; text(): string } {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(Buffer.from(part));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(parts).toString() };
}
