import { spawn } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { EngineError } from '../base/errors.ts';
import { toolMissing } from '../executor/tool-missing.ts';

export interface KeyAgent {
  /** Short, whatever the folder is called: a socket's path has room for 107 bytes. */
  readonly socket: string;
  close(): Promise<void>;
}

/** Adds the keys, says that they are there, and ends the agent when its input ends, which it does when this process is gone. */
const SCRIPT = 'ssh-add -q -- "$@" </dev/null && echo ready && cat >/dev/null; kill "$SSH_AGENT_PID"';

/**
 * Starts an ssh agent that has these private keys, for this process alone; its socket is in `folder`, which is made. It ends with
 * `close`, and with this process however that ends. Fails with SSH_KEY where a key cannot be read or has a passphrase, and
 * RUN_TOOL_MISSING.
 */
export async function startKeyAgent(keys: readonly string[], folder: string): Promise<KeyAgent> {
  await mkdir(folder, { mode: 0o700 });
  try {
    const agent = await start(keys, folder);
    const directory = await open(folder, 'r');
    return {
      socket: `/proc/self/fd/${directory.fd}/agent`,
      async close() {
        await agent.end();
        await directory.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function start(keys: readonly string[], folder: string): Promise<{ end(): Promise<void> }> {
  const child = spawn('ssh-agent', ['-a', 'agent', 'sh', '-c', SCRIPT, 'sh', ...keys], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Without a terminal nobody can be asked for a passphrase.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' },
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => void (said = (said + data.toString()).slice(0, 2000)));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const isReady = await new Promise<boolean>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? toolMissing('ssh-agent', 'openssh-client') : error),
    );
    child.stdout.once('data', () => resolve(true));
    child.once('close', () => resolve(false));
  });
  if (isReady) {
    return {
      end: () => {
        child.stdin.end();
        return ended;
      },
    };
  }
  throw new EngineError('SSH_KEY', `A key given with --ssh could not be loaded: ${keys.join(', ')}.`, {
    hint: HINTS.find(([pattern]) => pattern.test(said))?.[1] ?? WITH_PASSPHRASE,
  });
}

/** What ssh-add says, and what to do about it. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/too open|UNPROTECTED/, 'Others can read the file; take that right away: chmod 600 FILE.'],
  [/invalid format|libcrypto|public key/, 'It is not a private key.'],
];
const WITH_PASSPHRASE =
  'A key with a passphrase works from your own agent: ssh-add FILE, then --ssh default.';
