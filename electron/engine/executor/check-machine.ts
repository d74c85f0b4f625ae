import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../../../shared/contract.ts';

interface Tool {
  readonly command: string;
  readonly package: string;
  readonly does: string;
}

const TOOLS: readonly Tool[] = [
  { command: 'crun', package: 'crun', does: 'runs the commands of RUN' },
  { command: 'unshare', package: 'util-linux', does: 'keeps the commands of RUN apart' },
  { command: 'setpriv', package: 'util-linux', does: 'ends the commands of RUN with Slipway' },
  { command: 'tar', package: 'tar', does: 'unpacks layers for RUN' },
];

/** Looks at what RUN needs on this machine: its programs and rights. Never fails. */
export async function checkMachine(): Promise<readonly Check[]> {
  if (process.platform !== 'linux') {
    return [
      {
        id: 'system',
        name: 'Operating system',
        state: 'missing',
        detail: `RUN needs Linux, and this is ${process.platform}.`,
      },
    ];
  }
  return [rights(), ...(await Promise.all(TOOLS.map(tool)))];
}

function rights(): Check {
  const isRoot = process.getuid?.() === 0;
  return {
    id: 'rights',
    name: 'Rights',
    ...(isRoot
      ? { state: 'ok', detail: 'Slipway runs as root.' }
      : { state: 'missing', detail: 'RUN works only as root so far.', fix: 'sudo slipway build …' }),
  };
}

async function tool({ command, package: name, does }: Tool): Promise<Check> {
  const path = await findProgram(command);
  const what = { id: `tool.${command}`, name: command };
  return path === undefined
    ? {
        ...what,
        state: 'missing',
        detail: `It ${does}, and is not installed.`,
        fix: `sudo apt-get install ${name}`,
      }
    : { ...what, state: 'ok', detail: `It ${does}: ${path}.` };
}

/** The path of a program in PATH, or undefined. */
async function findProgram(command: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const path = join(folder, command);
    if (
      folder !== '' &&
      (await access(path, 1).then(
        () => true,
        () => false,
      ))
    )
      return path;
  }
  return undefined;
}
