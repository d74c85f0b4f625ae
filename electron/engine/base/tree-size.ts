import { lstatSync, readdirSync } from 'node:fs';
import { createBreather } from './breather.ts';
import { findIdentity } from './identity.ts';
import { helperEnvironment } from './programs.ts';
import { spawnAs } from './spawn-as.ts';

/** What only root of the namespace may look into, and folders deeper than a path may be long. */
const NEEDS_HELP = new Set(['EACCES', 'EPERM', 'ENAMETOOLONG']);
const GONE = new Set(['ENOENT', 'ENOTDIR']);
const SLASH = Buffer.from('/');

/**
 * Bytes of the files in a directory, or of a file: contents only, each file once however many names it has, links not followed.
 * 0 where there is nothing; what comes or goes meanwhile may be counted or not. Never holds the event loop for long.
 */
export async function treeSize(path: string): Promise<number> {
  const breathe = createBreather();
  const seen = new Set<string>();
  const waiting: Buffer[] = [Buffer.from(path)];
  let total = 0;
  try {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await breathe();
      const stat = lstatSync(next, { throwIfNoEntry: false });
      if (stat?.isDirectory()) {
        for (const name of namesIn(next)) waiting.push(Buffer.concat([next, SLASH, name]));
      } else if (stat?.isFile() && (stat.nlink === 1 || isNew(seen, `${stat.dev}:${stat.ino}`))) {
        total += stat.size;
      }
    }
    return total;
  } catch (error) {
    if (NEEDS_HELP.has((error as NodeJS.ErrnoException).code ?? '')) return sizeAsRoot(path);
    throw error;
  }
}

function namesIn(path: Buffer): readonly Buffer[] {
  try {
    return readdirSync(path, { encoding: 'buffer' });
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function isNew(seen: Set<string>, file: string): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  return true;
}

/** The same, counted by find(1) as root of the user's namespace. */
async function sizeAsRoot(path: string): Promise<number> {
  const child = spawnAs(await findIdentity(), 'find', [path, '-type', 'f', '-printf', '%n %D:%i %s\\n'], {
    env: helperEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  const seen = new Set<string>();
  let total = 0;
  let rest = '';
  const count = (line: string): void => {
    const [links, file = '', size] = line.split(' ');
    if (links === '1' || isNew(seen, file)) total += Number(size);
  };
  for await (const text of child.stdout!.setEncoding('latin1') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(count);
  }
  return total;
}
