import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** An ssh agent with one key of its own. */
export interface SshAgent {
  readonly socket: string;
  close(): Promise<void>;
}

/** Starts Debian's ssh-agent and gives it a new key. */
export async function startSshAgent(): Promise<SshAgent> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-agent-'));
  const socket = join(directory, 'socket');
  const key = join(directory, 'key');
  await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key);
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  await run('env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', key);
  return {
    socket,
    async close() {
      child.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
