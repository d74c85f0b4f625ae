import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The store's directory where none is named: `$SLIPWAY_STORE`, else `slipway` in the data directory of the XDG base
 * directory specification, which ignores a relative `$XDG_DATA_HOME`.
 */
export function defaultStore(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SLIPWAY_STORE) return resolve(env.SLIPWAY_STORE);
  const data = env.XDG_DATA_HOME;
  return join(data && isAbsolute(data) ? data : join(homedir(), '.local', 'share'), 'slipway');
}
