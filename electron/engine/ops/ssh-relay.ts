import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** Requests that a command may make (draft-ietf-sshm-ssh-agent): which keys there are, and signatures with them. */
const ALLOWED: ReadonlySet<number> = new Set([11, 13]);
const FAILURE = Buffer.from([0, 0, 0, 1, 5]);
/** As OpenSSH has it. */
const LONGEST_MESSAGE = 256 * 1024;

/** A command that opens more at a time is up to no good; each costs this process two open files. */
const MOST_CONNECTIONS = 32;

/**
 * Listens on a new socket at `path` and passes what comes on to an agent, message by message: a command can use the keys, but neither
 * take them away, nor lock the agent, nor have it load a library. A connection whose agent fails is closed.
 */
export async function relayAgent(path: string, connectAgent: () => Promise<Socket>): Promise<Server> {
  // A client may say that it asks no more while it waits for its answer.
  const server = createServer({ allowHalfOpen: true }, (client) => void serve(client, connectAgent));
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(path);
  await once(server, 'listening');
  return server;
}

async function serve(client: Socket, connectAgent: () => Promise<Socket>): Promise<void> {
  // Until the pipeline listens.
  client.on('error', () => undefined);
  let agent: Socket | undefined;
  try {
    const opened = (agent = await connectAgent());
    opened.on('error', () => client.destroy());
    await pipeline(client, (requests: AsyncIterable<Buffer>) => answers(requests, opened), client);
  } catch {
    // Whoever asks sees that the connection is closed.
    client.destroy();
  } finally {
    agent?.destroy();
  }
}

/** One after the other, as clients expect them; not before the one before has been taken. */
async function* answers(
  requests: AsyncIterable<Buffer>,
  agent: Socket,
): AsyncGenerator<Buffer, void, undefined> {
  const replies = messages(agent);
  for await (const request of messages(requests)) {
    if (!ALLOWED.has(request[4] ?? 0)) {
      yield FAILURE;
      continue;
    }
    agent.write(request);
    const reply = await replies.next();
    if (reply.done) return;
    yield reply.value;
  }
}

/** Whole messages, each with its length in front. Ends where the stream ends, or at a message that is too long. */
async function* messages(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let pending = Buffer.alloc(0);
  for await (const data of stream) {
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
