import { describe, expect, test } from 'vitest';
import type { ShellEvent } from '../../shared/contract.ts';
import type { PseudoTerminal, Shells } from '../engine/debug/shells.ts';
import { createShellSessions, findSession } from './shell-sessions.ts';

const REQUEST = { buildId: 'b', when: 'after', size: { columns: 80, rows: 24 } } as const;
const NEVER = new AbortController().signal;

interface Opened {
  readonly options: Parameters<Shells['open']>[1];
  readonly signal: AbortSignal;
  end(code: number): void;
}

/** Sessions on shells that the test drives by hand. */
function bench() {
  const opened: Opened[] = [];
  const sessions = createShellSessions({
    debug: {
      list: () => [],
      open: (_, options, signal) =>
        new Promise((resolve, reject) => {
          opened.push({ options, signal, end: resolve });
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    },
  });
  return { sessions, opened };
}

function start(signal = NEVER) {
  const { sessions, opened } = bench();
  const caller = {};
  const events: ShellEvent[] = [];
  const ended = sessions.open(REQUEST, caller, (event) => void events.push(event), signal);
  const name = (events[0] as { session: string }).session;
  return { sessions, opened, caller, events, ended, name };
}

async function started(signal = NEVER) {
  const all = start(signal);
  await expect.poll(() => all.opened.length).toBe(1);
  const { io } = all.opened[0]!.options;
  if (io.kind !== 'pty') throw new Error('A window gets a terminal of its own.');
  const typed: unknown[] = [];
  const terminal: PseudoTerminal = {
    write: async (data) => void typed.push(data),
    resize: async (size) => void typed.push(size),
  };
  return { ...all, io, typed, terminal };
}

describe('a session', () => {
  test('has a random name, which comes before any output', async () => {
    const { events, io, name, opened, ended } = await started();
    expect(name).toMatch(/^[0-9a-f]{32}$/);
    await io.onData(Buffer.from('text'));
    opened[0]!.end(3);
    expect(await ended).toBe(3);
    expect(events).toEqual([{ session: name }, { data: 'text' }]);
    expect(start().name).not.toBe(name);
  });

  test('is nobody else’s, and nobody’s after its end', async () => {
    const { sessions, name, caller, opened, ended } = await started();
    expect(sessions.get(name, {})).toBeUndefined();
    expect(() => findSession(sessions, name, {})).toThrow(
      expect.objectContaining({ code: 'SHELL_NOT_FOUND' }) as Error,
    );
    expect(sessions.get(name, caller)).toBeDefined();
    opened[0]!.end(0);
    await ended;
    expect(sessions.get(name, caller)).toBeUndefined();
  });

  test('passes on what is typed, also before the terminal is there', async () => {
    const { sessions, name, caller, io, typed, terminal } = await started();
    const session = sessions.get(name, caller)!;
    const early = session.write('early');
    io.onOpen(terminal);
    await early;
    await session.write('ü\u0003');
    await session.resize({ columns: 100, rows: 30 });
    expect(typed).toEqual(['early', 'ü\u0003', { columns: 100, rows: 30 }]);
  });

  test('characters come whole, in however many pieces the bytes come', async () => {
    const { io, events } = await started();
    for (const byte of Buffer.from('a€')) await io.onData(Buffer.from([byte]));
    expect(events.slice(1)).toEqual([{ data: 'a' }, { data: '€' }]);
  });

  test('sends no more than the window has room for, until it has shown some', async () => {
    const { sessions, name, caller, io } = await started();
    const session = sessions.get(name, caller)!;
    const piece = Buffer.alloc(65_536, 'a');
    for (let i = 0; i < 4; i++) await io.onData(piece);
    let isWaiting = true;
    const fifth = Promise.resolve(io.onData(piece)).then(() => (isWaiting = false));
    session.shown(1000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWaiting).toBe(true);
    session.shown(65_536);
    await fifth;
    // Whoever says that it has shown more than there was gets no more room by it.
    session.shown(1 << 24);
    for (let i = 0; i < 4; i++) await io.onData(piece);
    let isWaitingAgain = true;
    void Promise.resolve(io.onData(piece)).then(() => (isWaitingAgain = false));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWaitingAgain).toBe(true);
  });

  test('that is closed kills the shell and ends as what was killed', async () => {
    const { sessions, name, caller, opened, ended } = await started();
    sessions.get(name, caller)!.close();
    expect(await ended).toBe(137);
    expect(opened[0]!.signal.aborted).toBe(true);
  });

  test('of a window that goes away is killed', async () => {
    const gone = new AbortController();
    const { opened, ended } = await started(gone.signal);
    gone.abort();
    await expect(ended).rejects.toThrow();
    expect(opened[0]!.signal.aborted).toBe(true);
  });
});

test('closing ends all of them', async () => {
  const { sessions, opened, ended } = await started();
  await sessions.close();
  expect(opened[0]!.signal.aborted).toBe(true);
  expect(await ended).toBe(137);
});
