import { EngineError } from '../base/errors.ts';

/** The error for a RUN whose command ended with another code than 0: RUN_FAILED, with the end of what it printed. */
export function runFailed(name: string, exitCode: number, lastLines: readonly string[]): EngineError {
  return new EngineError('RUN_FAILED', `"${shown(name)}" exited with code ${exitCode}.`, {
    hint: HINTS[exitCode] ?? 'The lines that it printed are in the log of the step.',
    command: { exitCode, lastLines },
  });
}

/** What a shell says with a code, and what the kernel does. */
const HINTS: Readonly<Record<number, string>> = {
  126: 'A program that it names cannot be run: see whether it is executable and for this machine.',
  127: 'A program that it names is not in the image.',
  137: 'It was killed, most likely because the memory ran out.',
};

function shown(name: string): string {
  const line = name.split('\n', 1)[0]!;
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
