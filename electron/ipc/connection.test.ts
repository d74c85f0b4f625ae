import { describe, expect, test } from 'vitest';
import type { ServerMessage } from '../../shared/messages.ts';
import { createConnection } from './connection.ts';
import type { Answer, CallContext, Router } from './router.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function connect(answer: (call: string, input: unknown, context: CallContext<unknown>) => Promise<Answer>) {
  const sent: ServerMessage[] = [];
  const router: Router = { answer };
  const connection = createConnection(router, (message) => void sent.push(message));
  return { connection, sent };
}

describe('createConnection', () => {
  test('answers calls under their ids, in whatever order they end', async () => {
    const first = Promise.withResolvers<Answer>();
    const { connection, sent } = connect((call, input) =>
      call === 'slow' ? first.promise : Promise.resolve({ result: input }),
    );
    connection.receive({ id: 1, call: 'slow', input: {} });
    connection.receive({ id: 2, call: 'quick', input: 'x' });
    await settled();
    first.resolve({ error: { code: 'A', message: 'b' } });
    await settled();
    expect(sent).toEqual([
      { id: 2, result: 'x' },
      { id: 1, error: { code: 'A', message: 'b' } },
    ]);
  });

  test('events go out before the answer; none after the caller cancelled', async () => {
    const { connection, sent } = connect(async (_call, _input, { emit, signal }) => {
      await emit('one');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await emit('two');
      return { result: null };
    });
    connection.receive({ id: 5, call: 'stream', input: {} });
    await settled();
    connection.receive({ id: 5, cancel: true });
    await settled();
    expect(sent).toEqual([
      { id: 5, event: 'one' },
      { id: 5, result: null },
    ]);
  });

  test('closing cancels what is under way and sends nothing more', async () => {
    let cancelled = false;
    const { connection, sent } = connect(async (_call, _input, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      cancelled = true;
      return { result: null };
    });
    connection.receive({ id: 1, call: 'stream', input: {} });
    connection.close();
    await settled();
    expect(cancelled).toBe(true);
    expect(sent).toEqual([]);
    expect(connection.receive({ id: 2, call: 'x', input: {} })).toBe(false);
  });

  test.each([
    null,
    'text',
    [],
    {},
    { id: 1 },
    { id: '1', call: 'x' },
    { id: -1, call: 'x' },
    { id: 1.5, call: 'x' },
    { id: 1, call: 'x'.repeat(201) },
    { id: 1, call: 'x', more: 1 },
    { id: 1, cancel: false },
  ])('%j is no message', (message) => {
    const { connection } = connect(async () => ({ result: null }));
    expect(connection.receive(message)).toBe(false);
  });

  test('an id in use is no message; the call under way is not disturbed', async () => {
    const ending = Promise.withResolvers<Answer>();
    const { connection, sent } = connect(() => ending.promise);
    expect(connection.receive({ id: 1, call: 'x', input: {} })).toBe(true);
    expect(connection.receive({ id: 1, call: 'x', input: {} })).toBe(false);
    ending.resolve({ result: 1 });
    await settled();
    expect(sent).toEqual([{ id: 1, result: 1 }]);
  });

  test('a flood of calls is refused beyond a limit', async () => {
    const { connection, sent } = connect(() => new Promise(() => undefined));
    for (let id = 0; id < 300; id++) connection.receive({ id, call: 'x', input: {} });
    await settled();
    expect(sent).toHaveLength(44);
    expect(sent[0]).toMatchObject({ id: 256, error: { code: 'TOO_MANY_CALLS' } });
  });
});
