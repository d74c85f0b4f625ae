import { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { ignoreRequests } from './inert-output.ts';

const ESC = '\u001b';

/** What comes of output: everything the terminal would do besides showing it, and the first line. */
async function heard(output: string, deaf: boolean): Promise<{ said: readonly string[]; line: string }> {
  const terminal = new Terminal({ cols: 80, rows: 4, allowProposedApi: true });
  const said: string[] = [];
  terminal.onData((text) => said.push(text));
  terminal.onTitleChange((title) => said.push(`title ${title}`));
  if (deaf) ignoreRequests(terminal);
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const line = terminal.buffer.active.getLine(0)?.translateToString(true) ?? '';
  terminal.dispose();
  return { said, line };
}

test.each([
  ['a title', `${ESC}]0;owned\u0007`],
  ['a window’s title', `${ESC}]2;owned${ESC}\\`],
  ['a colour’s report', `${ESC}]4;1;?\u0007`],
  ['the text’s colour', `${ESC}]10;?\u0007${ESC}]11;?\u0007${ESC}]12;?\u0007`],
  ['the clipboard', `${ESC}]52;c;aGVsbG8=\u0007${ESC}]52;c;?\u0007`],
  ['a setting’s report', `${ESC}P$qm${ESC}\\`],
  ['a link', `${ESC}]8;;https://evil.example\u0007`],
])('%s does nothing; what follows is shown', async (_name, request) => {
  expect(await heard(`${request}text`, true)).toEqual({ said: [], line: 'text' });
});

test('without it the terminal would answer and obey', async () => {
  const { said } = await heard(`${ESC}]0;owned\u0007${ESC}P$qm${ESC}\\`, false);
  expect(said).toContain('title owned');
  expect(said).toHaveLength(2);
});
