import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { decodeName, displayName } from '../../../electron/engine/base/byte-path.ts';

/**
 * Everything below a directory, by path: `type mode uid:gid size path -> link sha256`, then what only some entries have:
 * the first name of a hard-linked file, and extended attributes. Sizes are those of files, for devices it is the number.
 * Names are shown with bytes that are no UTF-8 as \xNN. Two directories with equal listings hold the same files.
 */
export type Listing = ReadonlyMap<string, string>;

/** Lists a directory of this machine, without the directory itself. Attributes need `getfattr`; without it there are none. */
export function listDirectory(root: string): Listing {
  const attributes = readAttributes(root);
  const names = new Map<number, string>();
  const lines: [string, string][] = [];
  const visit = (directory: Buffer, below: string): void => {
    for (const name of sorted(readdirSync(directory, { encoding: 'buffer' }))) {
      const path = Buffer.concat([directory, Buffer.from('/'), name]);
      const shown = below + displayName(decodeName(name));
      const stats = lstatSync(path);
      const firstName = stats.nlink > 1 && !stats.isDirectory() ? names.get(stats.ino) : undefined;
      if (firstName === undefined) names.set(stats.ino, shown);
      const line = [
        describe(stats, path, shown),
        ...(firstName === undefined ? [] : [`same as ${firstName}`]),
        ...(attributes.get(shown) ?? []),
      ].join(' ');
      lines.push([shown, line]);
      if (stats.isDirectory()) visit(path, `${shown}/`);
    }
  };
  visit(Buffer.from(root), '');
  return new Map(lines);
}

/** A listing as text, to compare and to read. */
export function listingText(listing: Listing): string {
  return [...listing.values()].join('\n');
}

function describe(stats: Stats, path: Buffer, shown: string): string {
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  const words = [mode, `${stats.uid}:${stats.gid}`];
  if (stats.isDirectory()) return ['dir', ...words, '-', shown].join(' ');
  if (stats.isSymbolicLink()) {
    const target = displayName(decodeName(readlinkSync(path, { encoding: 'buffer' })));
    return ['link', ...words, '-', shown, '->', target].join(' ');
  }
  if (stats.isFile()) {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
    return ['file', ...words, stats.size, shown, digest].join(' ');
  }
  const type = stats.isCharacterDevice()
    ? 'char'
    : stats.isBlockDevice()
      ? 'block'
      : stats.isFIFO()
        ? 'fifo'
        : 'socket';
  return [type, ...words, stats.rdev, shown].join(' ');
}

function sorted(names: Buffer[]): Buffer[] {
  return names.sort(Buffer.compare);
}

/** Extended attributes of everything below, as `{name=value}`, sorted, by shown path. */
function readAttributes(root: string): ReadonlyMap<string, readonly string[]> {
  let output: string;
  try {
    const args = ['-R', '-h', '-P', '-d', '-m', '-', '-e', 'hex', '--absolute-names', root];
    output = execFileSync('getfattr', args, {
      encoding: 'latin1',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const found = new Map<string, string[]>();
  for (const block of output.split('\n\n')) {
    const [head = '', ...lines] = block.split('\n').filter((line) => line !== '');
    const path = unescape(head.replace(/^# file: /, ''));
    const shown = displayName(decodeName(Buffer.from(path, 'latin1'))).slice(root.length + 1);
    if (shown !== '') found.set(shown, lines.map((line) => `{${line}}`).sort());
  }
  return found;
}

/** getfattr writes special bytes as \ooo. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
