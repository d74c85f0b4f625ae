import type { WebSocket } from 'ws';
import type { ServerMessage } from '../../shared/messages.ts';
import type { Application } from '../ipc/application.ts';

const HIGH_WATER_BYTES = 4 * 1024 * 1024;
const PROTOCOL_ERROR = 1002;

/**
 * Carries the messages of shared/messages.ts as JSON text over one WebSocket, until either side closes it. Anything that
 * is no such message closes it. A browser that reads slowly makes streams wait instead of filling memory.
 */
export function serveWebSocket(socket: WebSocket, application: Application): void {
  const send = (message: ServerMessage): Promise<void> | undefined => {
    if (socket.readyState !== socket.OPEN) return undefined;
    const crowded = socket.bufferedAmount > HIGH_WATER_BYTES;
    const sent = Promise.withResolvers<void>();
    // A failed send means that the socket is closing, which ends the conversation by itself.
    socket.send(JSON.stringify(message), () => sent.resolve());
    return crowded ? sent.promise : undefined;
  };
  const connection = application.connect(send);

  socket.on('message', (data, isBinary) => {
    const message = isBinary ? undefined : parse(String(data as Buffer));
    if (message === undefined || !connection.receive(message)) {
      socket.close(PROTOCOL_ERROR, 'This is no message of the protocol.');
    }
  });
  socket.on('close', () => connection.close());
  // `ws` reports too large or broken frames here and then closes.
  socket.on('error', () => undefined);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
