const STORAGE_KEY = 'slipway-token';

/**
 * The address of the WebSocket behind a page of `slipway serve`. The token comes in the page's fragment, which never
 * reaches a server's log; it is moved to the tab's session storage so that it does not stay in the address bar.
 */
export function serveAddress(location: Location, history: History, storage: Storage): string {
  const inFragment = new URLSearchParams(location.hash.slice(1)).get('token');
  if (inFragment) {
    storage.setItem(STORAGE_KEY, inFragment);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  const token = inFragment ?? storage.getItem(STORAGE_KEY) ?? '';
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/rpc?token=${encodeURIComponent(token)}`;
}
