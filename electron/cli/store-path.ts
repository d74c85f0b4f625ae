import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Terminal } from './streams.ts';

/** The store's folder: `--store`, else $SLIPWAY_STORE, else $XDG_DATA_HOME/slipway, else ~/.local/share/slipway. */
export function storePath(
  option: string | undefined,
  { environment, cwd }: Pick<Terminal, 'environment' | 'cwd'>,
): string {
  const chosen = option ?? environment['SLIPWAY_STORE'];
  if (chosen) return resolve(cwd, chosen);
  const data = environment['XDG_DATA_HOME'];
  return join(data && data.startsWith('/') ? data : join(homedir(), '.local', 'share'), 'slipway');
}
