import type { Client } from '../../shared/contract.ts';
import { createMessageClient } from '../../shared/message-client.ts';
import type { Bridge, ClientMessage, ServerMessage } from '../../shared/messages.ts';
import { CONNECTION_LOST } from './call-error.ts';

/** What the page needs of a WebSocket; a test brings its own. */
export interface Socket {
  send(data: string): void;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
}

export type ConnectionStatus = 'connecting' | 'open' | 'lost';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8_000;

/**
 * The client of a page that `slipway serve` handed out: the messages of shared/messages.ts as JSON over a WebSocket. A
 * lost connection is made again with growing pauses; calls that were on their way fail with CONNECTION_LOST, later ones
 * wait until it stands.
 */
export function createSocketClient(
  connect: () => Socket,
  onStatus: (status: ConnectionStatus) => void,
): Client {
  return createMessageClient(createSocketBridge(connect, onStatus));
}

function createSocketBridge(connect: () => Socket, onStatus: (status: ConnectionStatus) => void): Bridge {
  /** By id: calls that wait for the connection, and calls that wait for their answer. */
  const unsent = new Map<number, ClientMessage>();
  const unanswered = new Set<number>();
  let listener: ((message: ServerMessage) => void) | undefined;
  let open: Socket | undefined;
  let pause = FIRST_RETRY_MS;

  function start(): void {
    const socket = connect();
    socket.onopen = () => {
      open = socket;
      pause = FIRST_RETRY_MS;
      onStatus('open');
      const waiting = [...unsent.values()];
      unsent.clear();
      waiting.forEach(send);
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (!('event' in message)) unanswered.delete(message.id);
      listener?.(message);
    };
    socket.onclose = () => {
      open = undefined;
      onStatus('lost');
      setTimeout(start, pause);
      pause = Math.min(pause * 2, LAST_RETRY_MS);
      const lost = [...unanswered];
      unanswered.clear();
      for (const id of lost) listener?.({ id, error: connectionLost });
    };
  }

  function send(message: ClientMessage): void {
    if (open) {
      if ('cancel' in message) unanswered.delete(message.id);
      else unanswered.add(message.id);
      open.send(JSON.stringify(message));
    } else if ('cancel' in message) {
      unsent.delete(message.id);
    } else {
      unsent.set(message.id, message);
    }
  }

  onStatus('connecting');
  start();
  return {
    send,
    onMessage(next) {
      listener = next;
    },
    // A browser never tells a page where a dropped file lies.
    pathOf: () => '',
  };
}

const connectionLost = {
  code: CONNECTION_LOST,
  message: 'The connection to Slipway was lost.',
  hint: 'Check that `slipway serve` is still running. This page connects again by itself.',
} as const;
