import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Change } from '../../shared/contract.ts';
import { createSocketClient, type Socket } from './web-socket-client.ts';

interface FakeSocket extends Socket {
  readonly sent: string[];
  opens(): void;
  says(message: unknown): void;
  breaks(): void;
}

function fakeSocket(): FakeSocket {
  const socket: FakeSocket = {
    sent: [],
    send: (data) => void socket.sent.push(data),
    onopen: null,
    onmessage: null,
    onclose: null,
    opens: () => socket.onopen?.(new Event('open')),
    says: (message) => socket.onmessage?.(new MessageEvent('message', { data: JSON.stringify(message) })),
    breaks: () => socket.onclose?.(new Event('close') as CloseEvent),
  };
  return socket;
}

function start() {
  const sockets: FakeSocket[] = [];
  const statuses: string[] = [];
  const client = createSocketClient(
    () => {
      const socket = fakeSocket();
      sockets.push(socket);
      return socket;
    },
    (status) => statuses.push(status),
  );
  return { client, sockets, statuses };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createSocketClient', () => {
  test('calls wait for the connection and get their answers', async () => {
    const { client, sockets, statuses } = start();
    const answer = client.call('images.list', {});
    expect(sockets[0]!.sent).toEqual([]);
    sockets[0]!.opens();
    expect(sockets[0]!.sent.map((text) => JSON.parse(text) as unknown)).toEqual([
      { id: 1, call: 'images.list', input: {} },
    ]);
    sockets[0]!.says({ id: 1, result: [] });
    await expect(answer).resolves.toEqual([]);
    expect(statuses).toEqual(['connecting', 'open']);
  });

  test('errors come as they were sent', async () => {
    const { client, sockets } = start();
    sockets[0]!.opens();
    const answer = client.call('images.get', { id: 'x' });
    sockets[0]!.says({
      id: 1,
      error: { code: 'IMAGE_UNKNOWN', message: 'There is no image x.', hint: 'Look.' },
    });
    await expect(answer).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN', hint: 'Look.' });
  });

  test('streams events until the signal fires, and says so to the server', async () => {
    const { client, sockets } = start();
    sockets[0]!.opens();
    const changes: Change[] = [];
    const controller = new AbortController();
    const answer = client.stream('system.changes', {}, (change) => changes.push(change), controller.signal);
    sockets[0]!.says({ id: 1, event: 'images' });
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    sockets[0]!.says({ id: 1, event: 'builds' });
    expect(changes).toEqual(['images']);
    expect(JSON.parse(sockets[0]!.sent.at(-1)!)).toEqual({ id: 1, cancel: true });
  });

  test('a broken connection fails what was under way, is made again, and carries what waited', async () => {
    const { client, sockets, statuses } = start();
    sockets[0]!.opens();
    const under = client.call('images.list', {});
    sockets[0]!.breaks();
    await expect(under).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    const later = client.call('projects.list', {});
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    sockets[1]!.opens();
    expect(sockets[1]!.sent).toHaveLength(1);
    sockets[1]!.says({ id: 2, result: [] });
    await expect(later).resolves.toEqual([]);
    expect(statuses).toEqual(['connecting', 'open', 'lost', 'open']);
  });

  test('the pauses between attempts grow up to eight seconds', () => {
    const { sockets } = start();
    for (const pause of [250, 500, 1000, 2000, 4000, 8000, 8000]) {
      const before = sockets.length;
      sockets.at(-1)!.breaks();
      vi.advanceTimersByTime(pause - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
  });

  test('a call given up before the connection stands is never sent', async () => {
    const { client, sockets } = start();
    const controller = new AbortController();
    const answer = client.stream('builds.follow', { buildId: 'b' }, vi.fn(), controller.signal);
    controller.abort();
    await expect(answer).rejects.toThrow();
    sockets[0]!.opens();
    expect(sockets[0]!.sent).toEqual([]);
  });
});
