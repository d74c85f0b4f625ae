import { mount } from 'svelte';
import { createMessageClient } from '../shared/message-client.ts';
import type { Bridge } from '../shared/messages.ts';
import App from './App.svelte';
import { createConnection } from './state/app.svelte.ts';
import './styles/index.css';
import { serveAddress } from './transport/serve-address.ts';
import { createSocketClient } from './transport/web-socket-client.ts';

const { slipway: bridge } = window as Window & { readonly slipway?: Bridge };
const connection = createConnection();

function connect() {
  if (bridge) {
    connection.status = 'open';
    return createMessageClient(bridge);
  }
  const address = serveAddress(location, history, sessionStorage);
  return createSocketClient(
    () => new WebSocket(address),
    (status) => (connection.status = status),
  );
}

mount(App, { target: document.getElementById('app')!, props: { client: connect(), connection } });
