import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EngineError } from '../engine/base/errors.ts';
import type { Terminal } from './streams.ts';

/**
 * Asks the person at the terminal and answers the line they type; `hidden` shows nothing of it. Fails with NOT_A_TERMINAL, whose hint
 * is `instead`, where nobody can be asked, and with an AbortError when `signal` fires.
 */
export async function ask(
  question: string,
  { hidden = false, instead }: { readonly hidden?: boolean; readonly instead: string },
  { stderr }: Pick<Terminal, 'stderr'>,
  signal: AbortSignal,
): Promise<string> {
  if (!process.stdin.isTTY || stderr.isTTY !== true) {
    throw new EngineError('NOT_A_TERMINAL', 'There is no terminal to ask for a name and a password.', {
      hint: instead,
    });
  }
  let isQuiet = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isQuiet) stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  // The end of input, or Ctrl+C, which the line editor keeps to itself.
  const stop = new AbortController();
  for (const event of ['close', 'SIGINT'] as const)
    lines.on(event, () => stop.abort(new DOMException('Interrupted.', 'AbortError')));
  try {
    const answer = lines.question(question, { signal: AbortSignal.any([signal, stop.signal]) });
    isQuiet = hidden;
    return await answer;
  } finally {
    lines.close();
    if (hidden) stderr.write('\n');
  }
}
