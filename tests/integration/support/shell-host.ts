import { createApplication } from '../../../electron/ipc/application.ts';
import { createEngine } from '../../../electron/engine/engine.ts';
import { createMessageClient } from '../../../shared/message-client.ts';
import type { ServerMessage } from '../../../shared/messages.ts';

/**
 * `node shell-host.ts STORE BUILD TEXT`: the application with one window that opens a shell, types the text, until it is killed.
 */
const [store = '', buildId = '', typed = ''] = process.argv.slice(2);
const application = createApplication({
  engine: await createEngine({ store }),
  host: { kind: 'serve', version: '0' },
});
let hear = (_: ServerMessage): void => undefined;
const connection = application.connect((message) => hear(message));
const client = createMessageClient({
  send: (message) => void connection.receive(message),
  onMessage: (listener) => void (hear = listener),
  pathOf: () => '',
});
await client.stream('debug.open', { buildId, when: 'after', columns: 80, rows: 24 }, (event) => {
  if ('session' in event) void client.call('debug.input', { session: event.session, data: typed });
});
await application.close();
