import type { KeptStep, ShellEvent } from '../../../shared/contract.ts';

/** The failed command of the fake build `b-bad-run`. */
export const KEPT_STEP: KeptStep = {
  buildId: 'b-bad-run',
  step: 'builder/2',
  name: 'RUN npm run build',
  file: 'Dockerfile',
  range: { startLine: 10, startColumn: 1, endLine: 10, endColumn: 18 },
  exitCode: 2,
  keptAt: 0,
};

const ESC = '\u001b';

/** A shell that has been used a little, and asks the terminal for things that it must not get. It ends when its caller does. */
export async function fakeShell(emit: (event: ShellEvent) => void, signal?: AbortSignal): Promise<never> {
  emit({ session: '0'.repeat(32) });
  emit({ data: `${ESC}]0;owned\u0007${ESC}]52;c;aGVsbG8=\u0007${ESC}]8;;https://evil.example\u0007` });
  emit({ data: `/app # ls --color\r\n${ESC}[1;34mdist${ESC}[0m  ${ESC}[1;34mnode_modules${ESC}[0m  ` });
  emit({ data: `package.json  ${ESC}[1;32mrun.sh${ESC}[0m\r\n` });
  emit({
    data: `/app # npm run build\r\n${ESC}[38;2;220;60;60merror${ESC}[0m TS2339: no property 'total'\r\n`,
  });
  emit({ data: `<img src=x onerror=window.__pwned=1>\r\n/app # ` });
  return new Promise((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason as Error)),
  );
}
