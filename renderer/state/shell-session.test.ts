import { expect, test } from 'vitest';
import type { Client, ShellEvent } from '../../shared/contract.ts';
import { openShell, piecesOf, type ShellScreen } from './shell-session.svelte.ts';

const SESSION = '0'.repeat(32);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function opened() {
  const calls: (readonly [name: string, input: unknown])[] = [];
  const end = Promise.withResolvers<{ exitCode: number }>();
  const stream: { emit: (event: ShellEvent) => void; signal?: AbortSignal } = { emit: () => undefined };
  const client = {
    call(name: string, input: unknown) {
      calls.push([name, input]);
      return Promise.resolve(null);
    },
    stream(name: string, input: unknown, emit: (event: ShellEvent) => void, signal: AbortSignal) {
      calls.push([name, input]);
      Object.assign(stream, { emit, signal });
      signal.addEventListener('abort', () => end.reject(signal.reason));
      return end.promise;
    },
  } as unknown as Client;
  const written: string[] = [];
  const screen: ShellScreen = {
    columns: 80,
    rows: 24,
    write(output, onshown) {
      written.push(output);
      onshown();
    },
  };
  const shell = openShell(client, { buildId: 'b', step: 's/1', when: 'before' }, screen);
  return { shell, calls, end, stream, written };
}

test('what is typed before the shell has a name is sent when it has', () => {
  const { shell, calls, stream, written } = opened();
  shell.input('ls');
  shell.resize(100, 30);
  expect(calls).toEqual([
    ['debug.open', { buildId: 'b', step: 's/1', when: 'before', columns: 80, rows: 24 }],
  ]);
  stream.emit({ session: SESSION });
  shell.input('\r');
  expect(calls.slice(1)).toEqual([
    ['debug.input', { session: SESSION, data: 'ls' }],
    ['debug.resize', { session: SESSION, columns: 100, rows: 30 }],
    ['debug.input', { session: SESSION, data: '\r' }],
  ]);
  stream.emit({ data: 'bin etc' });
  expect(written).toEqual(['bin etc']);
});

test('tells how much has been shown, in large steps', () => {
  const { calls, stream } = opened();
  stream.emit({ session: SESSION });
  for (let piece = 0; piece < 5; piece++) stream.emit({ data: 'x'.repeat(10_000) });
  expect(calls.slice(1)).toEqual([['debug.shown', { session: SESSION, length: 40_000 }]]);
});

test('says how it ended, and takes no more input then', async () => {
  const { shell, calls, end, stream } = opened();
  stream.emit({ session: SESSION });
  end.resolve({ exitCode: 2 });
  await settled();
  expect(shell.ended).toBe('The shell has ended with exit code 2.');
  shell.input('x');
  expect(calls).toHaveLength(1);
});

test('a shell that cannot be opened says why', async () => {
  const { shell, end } = opened();
  end.reject({ code: 'SHELL_GONE', message: 'The files are gone.', hint: 'Build again.' });
  await settled();
  expect(shell.ended).toBe('The files are gone. Build again.');
});

test('closing stops it without a word', async () => {
  const { shell, stream } = opened();
  shell.close();
  expect(stream.signal?.aborted).toBe(true);
  await settled();
  expect(shell.ended).toBeUndefined();
});

test.each([
  ['', 4, []],
  ['abcdef', 4, ['abcd', 'ef']],
  ['abc\u{1f600}', 4, ['abc', '\u{1f600}']],
])('%j in pieces of %d', (text, most, pieces) => expect(piecesOf(text, most)).toEqual(pieces));
