import { chmod, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { EngineError } from '../base/errors.ts';
import type { SshMount } from './definition.ts';
import { mountOwner } from './mount-owner.ts';
import type { OperationContext } from './operation.ts';
import { NOTHING_MADE, type MadeMounts, type PreparedMounts } from './run-mount.ts';
import { relayAgent } from './ssh-relay.ts';

const NAME = 'agent';

/**
 * The socket of an ssh agent: one of our own, with the owner and mode asked for, that passes on to the agent the build was given.
 * Without one it is left out, unless it is required. Fails with RUN_SSH_MISSING, and as startKeyAgent does.
 */
export function prepareSsh(mount: SshMount, context: OperationContext): PreparedMounts {
  return {
    options: [mount],
    parts: [],
    inputs: [],
    make: (place) => makeSsh(mount, place, context),
  };
}

async function makeSsh(mount: SshMount, place: string, context: OperationContext): Promise<MadeMounts> {
  const { id, target, mode } = mount;
  const { agents } = context.resources;
  if (!agents.has(id)) {
    if (!mount.required) return NOTHING_MADE;
    throw new EngineError(
      'RUN_SSH_MISSING',
      `The ssh agent "${id}" is required, and this build was not given it.`,
      {
        hint: `Give it with --ssh ${id === 'default' ? id : `${id}=SOCKET`}.`,
      },
    );
  }
  const { uid, gid } = mountOwner(mount, target, await context.executor.identity());
  // Now rather than in the middle of the command, so that what is wrong with the keys is said.
  (await agents.connect(id)).destroy();
  await mkdir(place, { mode: 0o700 });
  // A socket's path has room for 107 bytes, which the store's may not have.
  const folder = await open(place, 'r');
  const connected = new Set<Socket>();
  const server = await relayAgent(`/proc/self/fd/${folder.fd}/${NAME}`, () => agents.connect(id));
  server.on('connection', (socket: Socket) => {
    connected.add(socket);
    socket.on('close', () => connected.delete(socket));
  });
  const release = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of connected) socket.destroy();
    await closed;
    await folder.close();
  };
  try {
    const source = join(place, NAME);
    await chmod(source, mode);
    if (uid !== 0 || gid !== 0)
      await context.executor.tool('chown', [`${uid}:${gid}`, source], {}, context.signal);
    return {
      mounts: [{ kind: 'bind', source, target, readonly: false }],
      fallbackEnv: [`SSH_AUTH_SOCK=${target}`],
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}
