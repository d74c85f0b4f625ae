import type { ProxyEnv } from 'node:http';
import { EngineError } from '../base/errors.ts';
import type { Environment } from './credentials.ts';

const NAMES = ['http_proxy', 'https_proxy'] as const;

/**
 * The proxies of the environment as Node's agents take them: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, of which the lower-case
 * form wins; undefined where there is none. Fails with REGISTRY_PROXY_INVALID for one that Node would silently pass by; its
 * value, which may hold a password, is in no message.
 */
export function proxiesOf(environment: Environment): ProxyEnv | undefined {
  const proxies: ProxyEnv = {};
  for (const name of NAMES) {
    const upper = name.toUpperCase();
    const used = environment[name] ? name : upper;
    const value = environment[used]?.trim();
    if (value) proxies[name] = proxyUrl(used, value);
  }
  if (Object.keys(proxies).length === 0) return undefined;
  const except = environment['no_proxy'] || environment['NO_PROXY'];
  return except ? { ...proxies, no_proxy: except } : proxies;
}

/** As people write it: `http://` may be left out. */
function proxyUrl(name: string, value: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
  if (url && /^https?:$/.test(url.protocol) && url.hostname !== '') return url.href;
  throw new EngineError('REGISTRY_PROXY_INVALID', `${name} does not name a proxy that can be used.`, {
    hint: 'Write http://host:port; proxies of other kinds, SOCKS for one, are not supported.',
  });
}
