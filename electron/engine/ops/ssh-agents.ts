import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { EngineError } from '../base/errors.ts';
import { startKeyAgent, type KeyAgent } from './ssh-key-agent.ts';

/** An agent that a build is given: the socket of a running one, or key files for one that is started. */
export interface SshSource {
  readonly id: string;
  /** Absolute: one socket, or any number of private keys. */
  readonly paths: readonly string[];
}

/** The agents of one build. */
export interface SshAgents {
  has(id: string): boolean;
  /** An open connection to an agent; who asks has looked whether it is there. Fails with SSH_AGENT, and as startKeyAgent does. */
  connect(id: string): Promise<Socket>;
  /** Ends the agents that were started. */
  close(): Promise<void>;
}

/**
 * Looks at what a build was given for its ssh mounts. An agent for key files is started when first asked for; `newFolder` answers
 * where a folder for its socket can be made. Fails with SSH_SOURCE where a path is neither a socket nor a key.
 */
export async function openSshAgents(
  sources: readonly SshSource[],
  newFolder: () => string,
): Promise<SshAgents> {
  const sockets = new Map<string, string>();
  const keys = new Map<string, readonly string[]>();
  for (const { id, paths } of sources) {
    const kinds = await Promise.all(paths.map((path) => kindOf(id, path)));
    const [only] = paths;
    if (kinds[0] === 'socket' && paths.length === 1) sockets.set(id, only!);
    else if (kinds.includes('socket')) throw mixed(id);
    else keys.set(id, paths);
  }
  const started = new Map<string, Promise<KeyAgent>>();
  const keyAgent = (id: string): Promise<KeyAgent> => {
    let agent = started.get(id);
    if (!agent) started.set(id, (agent = startKeyAgent(keys.get(id)!, newFolder())));
    return agent;
  };
  return {
    has: (id) => sockets.has(id) || keys.has(id),
    connect: async (id) => connected(id, connect(sockets.get(id) ?? (await keyAgent(id)).socket)),
    async close() {
      const ended = await Promise.allSettled(started.values());
      for (const agent of ended) if (agent.status === 'fulfilled') await agent.value.close();
    },
  };
}

async function connected(id: string, socket: Socket): Promise<Socket> {
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    throw new EngineError('SSH_AGENT', `The ssh agent "${id}" does not answer.`, {
      hint: 'See whether it runs: ssh-add -l.',
      cause,
    });
  }
}

async function kindOf(id: string, path: string): Promise<'socket' | 'file'> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isSocket()) return 'socket';
  if (found?.isFile()) return 'file';
  const is = found === undefined ? 'cannot be read or does not exist' : 'is neither a socket nor a file';
  throw new EngineError('SSH_SOURCE', `${path}, given with --ssh for "${id}", ${is}.`, {
    hint: 'Name the socket of an agent, or private keys.',
  });
}

function mixed(id: string): EngineError {
  return new EngineError('SSH_SOURCE', `--ssh for "${id}" names a socket together with something else.`, {
    hint: 'Name one socket, or only private keys.',
  });
}
