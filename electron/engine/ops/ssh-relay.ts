import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** Requests that a command may make (draft-ietf-sshm-ssh-agent): which keys there are, and signatures with them. */
const ALLOWED: ReadonlySet<number> = new Set([11, 13]);
const FAILURE = Buffer.from([0, 0, 0, 1, 5]);
/** As OpenSSH has it. */
const LONGEST_MESSAGE = 256 * 1024;

/**
 * Listens on a new socket at `path` and passes what comes on to an agent, message by message: a command can use the keys, but neither
 * take them away, nor lock the agent, nor have it load a library. A connection whose agent fails is closed.
 */
export async function relayAgent(path: string, connectAgent: () => Promise<Socket>): Promise<Server> {
  const server = createServer((client) => {
    client.on('error', () => undefined);
    void serve(client, connectAgent).catch(() => client.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  return server;
}

async function serve(client: Socket, connectAgent: () => Promise<Socket>): Promise<void> {
  const agent = await connectAgent();
  agent.on('error', () => client.destroy());
  agent.on('close', () => client.destroy());
  client.on('close', () => agent.destroy());
  const answers = messages(agent);
  for await (const request of messages(client)) {
    if (!ALLOWED.has(request[4] ?? 0)) {
      client.write(FAILURE);
      continue;
    }
    agent.write(request);
    const answer = await answers.next();
    if (answer.done) break;
    client.write(answer.value);
  }
  client.end();
  agent.end();
}

/** Whole messages, each with its length in front. Ends where the stream ends, or at a message that is too long. */
async function* messages(socket: Socket): AsyncGenerator<Buffer, void, undefined> {
  let pending = Buffer.alloc(0);
  for await (const data of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 4) {
      const end = 4 + pending.readUInt32BE(0);
      if (end > LONGEST_MESSAGE) return;
      if (pending.length < end) break;
      yield pending.subarray(0, end);
      pending = pending.subarray(end);
    }
  }
}
