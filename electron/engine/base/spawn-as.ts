import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { asIdentity, type Identity } from './identity.ts';
import { helperEnvironment } from './programs.ts';

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Standard input, output and error, and descriptor 3. */
  readonly stdio: readonly ('pipe' | 'ignore' | 'inherit')[];
}

/** Where the program waits for its users, and hears that they are there. */
const GATE = 4;
const WAIT = `echo >&${GATE} && read -r _ <&${GATE} && exec ${GATE}>&- && exec "$@"`;
/** Root there is whoever we are, the others are the range; of its ids there is one more than of users. */
const MAP = 'read -r _ && newuidmap "$1" 0 "$2" 1 1 "$3" "$4" && newgidmap "$1" 0 "$5" 1 1 "$6" "$7"';
/** Whoever had died before the kernel knew whom to die with would not be missed. */
const PARENT_LIVES = '[ "$PPID" = "$0" ] && exec "$@"';

/**
 * Starts a program as the identity, root over the files of images. It dies with this process, at whatever moment that is killed,
 * and is one process from the beginning: killing the child leaves nothing. (`unshare --map-auto` would leave the one it forks to
 * map users, waiting for ever.) Where the users cannot be mapped the child ends with 1.
 */
export function spawnAs(
  identity: Identity,
  command: string,
  args: readonly string[],
  { cwd, env, stdio }: SpawnOptions,
): ChildProcess {
  const words = ['sh', '-c', PARENT_LIVES, `${process.pid}`, command, ...args];
  const options = { ...(cwd === undefined ? {} : { cwd }), env };
  if (identity.kind !== 'range') {
    const [program, ...rest] = asIdentity(identity, words[0]!, words.slice(1));
    return spawn(program!, rest, { ...options, stdio: [...stdio] as StdioOptions });
  }
  const gated = ['sh', '-c', WAIT, 'sh', 'setpriv', '--pdeathsig', 'KILL', ...words];
  const child = spawn('unshare', ['--user', '--', ...gated], {
    ...options,
    stdio: [...stdio, 'pipe'] as StdioOptions,
  });
  const gate = child.stdio[GATE] as Duplex | undefined | null;
  if (gate) openGate(child, gate, identity);
  return child;
}

/** Gives the child its users once it has a namespace for them, and lets it go on; closes the gate where that cannot be. */
function openGate(
  { pid }: ChildProcess,
  gate: Duplex,
  { firstUser, firstGroup, users, groups }: Extract<Identity, { kind: 'range' }>,
): void {
  // A child that was killed resets the connection.
  gate.on('error', () => undefined);
  // Started at once, so that both start beside each other; without its line of input it maps nothing.
  const words = [pid!, process.getuid!(), firstUser, users - 1, process.getgid!(), firstGroup, groups - 1];
  const mapper = spawn('sh', ['-c', MAP, 'sh', ...words.map(String)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: helperEnvironment(),
  });
  mapper.on('error', () => gate.destroy());
  mapper.stdin.on('error', () => undefined);
  gate.once('data', () => mapper.stdin.write('\n'));
  gate.once('close', () => mapper.stdin.destroy());
  mapper.on('close', (code) => (code === 0 ? gate.end('\n') : gate.destroy()));
}
