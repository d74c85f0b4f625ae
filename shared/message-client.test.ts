import { describe, expect, test } from 'vitest';
import { createMessageClient } from './message-client.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';

function start() {
  const sent: ClientMessage[] = [];
  let deliver: (message: ServerMessage) => void = () => undefined;
  const client = createMessageClient({
    send: (message) => sent.push(message),
    onMessage: (listener) => {
      deliver = listener;
    },
    pathOf: (file) => (file === 'known' ? '/there' : ''),
  });
  return { client, sent, says: (message: ServerMessage) => deliver(message) };
}

describe('createMessageClient', () => {
  test('each call has an id of its own, and gets its own answer', async () => {
    const { client, sent, says } = start();
    const one = client.call('images.list', {});
    const two = client.call('builds.list', { limit: 3 });
    expect(sent).toEqual([
      { id: 1, call: 'images.list', input: {} },
      { id: 2, call: 'builds.list', input: { limit: 3 } },
    ]);
    says({ id: 2, result: 'two' });
    says({ id: 1, result: 'one' });
    expect(await Promise.all([one, two])).toEqual(['one', 'two']);
  });

  test('an error is thrown with all its fields', async () => {
    const { client, says } = start();
    const call = client.call('images.list', {});
    const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };
    says({ id: 1, error: { code: 'A', message: 'b', hint: 'c', file: 'd', range } });
    await expect(call).rejects.toMatchObject({
      name: 'CallError',
      code: 'A',
      message: 'b',
      hint: 'c',
      file: 'd',
      range,
    });
  });

  test('a stream hears its events until its signal fires, and cancels on the other side', async () => {
    const { client, sent, says } = start();
    const events: string[] = [];
    const stop = new AbortController();
    const stream = client.stream('system.changes', {}, (event) => events.push(event), stop.signal);
    says({ id: 1, event: 'images' });
    says({ id: 9, event: 'builds' });
    stop.abort(new Error('enough'));
    says({ id: 1, event: 'projects' });
    says({ id: 1, result: null });
    await expect(stream).rejects.toThrow('enough');
    expect(events).toEqual(['images']);
    expect(sent.at(-1)).toEqual({ id: 1, cancel: true });
  });

  test('a signal that fires before or after sends nothing', async () => {
    const { client, sent, says } = start();
    await expect(client.stream('system.changes', {}, () => undefined, AbortSignal.abort())).rejects.toThrow();
    expect(sent).toEqual([]);
    const stop = new AbortController();
    const stream = client.stream('system.changes', {}, () => undefined, stop.signal);
    says({ id: 1, result: null });
    expect(await stream).toBeNull();
    stop.abort();
    expect(sent).toHaveLength(1);
  });

  test('paths come from the bridge', () => {
    expect(start().client.pathOf('known')).toBe('/there');
  });
});
