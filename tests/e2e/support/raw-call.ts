import type { Page } from '@playwright/test';
import type { ClientMessage, ServerMessage } from '../../../shared/messages.ts';
import type { HostKind } from './running-app.ts';

/**
 * Sends one message to the application as a page that has been taken over would, past the page's own client, and answers
 * the first message that comes back under its id; `closed` where the application hangs up, `silent` where nothing comes.
 */
export function rawCall(
  page: Page,
  host: HostKind,
  message: unknown,
): Promise<ServerMessage | 'closed' | 'silent'> {
  return page.evaluate(
    ({ message, overSocket }) =>
      new Promise<ServerMessage | 'closed' | 'silent'>((resolve) => {
        const { id } = message as { id?: number };
        const heard = (answer: ServerMessage): void => {
          if (answer.id === id) resolve(answer);
        };
        setTimeout(() => resolve('silent'), 1_000);
        if (!overSocket) {
          const { slipway } = window as unknown as {
            slipway: { send(message: ClientMessage): void; onMessage(listener: typeof heard): void };
          };
          slipway.onMessage(heard);
          slipway.send(message as ClientMessage);
          return;
        }
        const token = sessionStorage.getItem('slipway-token') ?? '';
        const socket = new WebSocket(`ws://${location.host}/rpc?token=${encodeURIComponent(token)}`);
        socket.onmessage = ({ data }) => heard(JSON.parse(String(data)) as ServerMessage);
        socket.onclose = () => resolve('closed');
        socket.onopen = () => socket.send(JSON.stringify(message));
      }),
    { message, overSocket: host === 'serve' },
  );
}
