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
  for (const { id, file } of options.secrets ?? [])
    words.push('--secret', [`id=${id}`, `src=${file}`].map(csvField).join(','));
  if (options.ssh) words.push('--ssh', 'default');
  if (options.network !== undefined) words.push('--network', options.network);
  for (const [name, value] of Object.entries(options.contexts ?? {})) {
    const isFolder = !/^[a-z][a-z0-9+.-]*:/.test(value);
    words.push('--build-context', `${name}=${isFolder ? fileArgument(folder, value) : value}`);
  }
  words.push(folder);
  return words.map(quote).join(' ');
}

/** On the command line a path counts from the working directory, in the window from the project's folder. */
function fileArgument(folder: string, path: string): string {
  return path.startsWith('/') ? path : `${folder.replace(/\/$/, '')}/${path}`;
}

/** A field of a flag that holds several (RFC 4180). */
function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
