import { setTimeout as delay } from 'node:timers/promises';
import { startSlipway, type CliResult } from '../integration/support/cli.ts';

/** When a build is disturbed: so many milliseconds after it has written so many lines of progress. */
export interface Moment {
  readonly lines: number;
  readonly after: number;
}

/** Builds in a process of its own and sends it a signal at that moment, unless it is done before. */
export async function disturbedBuild(
  words: readonly string[],
  moment: Moment,
  signal: 'SIGKILL' | 'SIGINT',
): Promise<CliResult> {
  const { child, result } = startSlipway(['build', '--progress=plain', ...words]);
  let lines = 0;
  const reached = new Promise<void>((resolve) => {
    if (moment.lines === 0) resolve();
    child.stderr!.on('data', (text: string) => {
      lines += text.split('\n').length - 1;
      if (lines >= moment.lines) resolve();
    });
  });
  await Promise.race([reached.then(() => delay(moment.after)), result]);
  child.kill(signal);
  return result;
}
