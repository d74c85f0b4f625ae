import type { BuildOptions } from '../../shared/contract.ts';
import { familiarReference } from '../../shared/format.ts';

/** The `slipway build` line that does the same, quoted for a POSIX shell. */
export function commandLine(folder: string, options: BuildOptions): string {
  const words = ['slipway', 'build'];
  for (const tag of options.tags ?? []) words.push('-t', familiarReference(tag));
  if (options.dockerfile !== undefined && options.dockerfile !== 'Dockerfile')
    words.push('-f', fileArgument(folder, options.dockerfile));
  if (options.target !== undefined) words.push('--target', options.target);
  for (const [key, value] of Object.entries(options.buildArgs ?? {}))
    words.push('--build-arg', `${key}=${value}`);
  for (const [key, value] of Object.entries(options.labels ?? {})) words.push('--label', `${key}=${value}`);
  if (options.platform !== undefined) words.push('--platform', options.platform);
  if (options.noCache) words.push('--no-cache');
  words.push(folder);
  return words.map(quote).join(' ');
}

/** On the command line -f counts from the working directory, in the window from the project's folder. */
function fileArgument(folder: string, dockerfile: string): string {
  return dockerfile.startsWith('/') ? dockerfile : `${folder.replace(/\/$/, '')}/${dockerfile}`;
}

function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
