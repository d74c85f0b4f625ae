import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { relayAgent } from './ssh-relay.ts';

const LIST = message(11);
const SIGN = message(13, 'a key and data');
const REFUSED = [1, 9, 17, 18, 19, 20, 22, 23, 25, 26, 27, 255].map((type) => message(type, 'x'));
const FAILURE = Buffer.from([0, 0, 0, 1, 5]);

let folder: string;
let agent: Server;
let relay: Server;
let heard: Buffer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-relay-'));
  heard = [];
  agent = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .on('data', (data: Buffer) => {
        heard.push(data);
        socket.write(message(12, `answer to ${data[4]}`));
      }),
  );
  agent.listen(join(folder, 'agent'));
  await once(agent, 'listening');
  relay = await relayAgent(join(folder, 'relay'), async () => connect(join(folder, 'agent')));
});
afterEach(async () => {
  relay.close();
  agent.close();
  await rm(folder, { recursive: true, force: true });
});

test('passes on what lists keys and signs, and nothing else', async () => {
  const client = connect(join(folder, 'relay'));
  client.write(Buffer.concat([LIST, ...REFUSED, SIGN]));
  const wanted = Buffer.concat([
    message(12, 'answer to 11'),
    ...REFUSED.map(() => FAILURE),
    message(12, 'answer to 13'),
  ]);
  expect(await read(client, wanted.length)).toEqual(wanted);
  expect(heard).toEqual([LIST, SIGN]);
  client.destroy();
});

test('a client that has said it asks no more gets its answers, and the connection is closed', async () => {
  const client = connect(join(folder, 'relay'));
  client.end(Buffer.concat([LIST, SIGN]));
  const wanted = Buffer.concat([message(12, 'answer to 11'), message(12, 'answer to 13')]);
  expect(await read(client, wanted.length)).toEqual(wanted);
  await once(client, 'close');
});

test('a message may come byte by byte', async () => {
  const client = connect(join(folder, 'relay')).setNoDelay(true);
  for (const byte of SIGN) {
    client.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  const wanted = message(12, 'answer to 13');
  expect(await read(client, wanted.length)).toEqual(wanted);
  expect(heard).toEqual([SIGN]);
  client.destroy();
});

test('a message that says it is endless closes the connection, and one without a type is refused', async () => {
  const client = connect(join(folder, 'relay'));
  client.write(Buffer.from([0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 11]));
  expect(await read(client, FAILURE.length)).toEqual(FAILURE);
  await once(client, 'close');
  expect(heard).toEqual([]);
});

test('a great many requests at once are answered one by one', async () => {
  const client = connect(join(folder, 'relay'));
  const many = 5000;
  client.write(Buffer.concat(Array.from({ length: many }, (_, i) => (i % 2 === 0 ? SIGN : REFUSED[0]!))));
  const pair = Buffer.concat([message(12, 'answer to 13'), FAILURE]);
  const wanted = Buffer.concat(Array.from({ length: many / 2 }, () => pair));
  expect((await read(client, wanted.length)).equals(wanted)).toBe(true);
  expect(Buffer.concat(heard)).toHaveLength((many / 2) * SIGN.length);
  client.destroy();
});

test('an agent that is gone closes the connection', async () => {
  const broken = await relayAgent(join(folder, 'broken'), async () => connect(join(folder, 'nobody')));
  const client = connect(join(folder, 'broken')).on('error', () => undefined);
  client.write(LIST);
  client.resume();
  await new Promise((resolve) => client.once('close', resolve));
  broken.close();
});

function message(type: number, text = ''): Buffer {
  const body = Buffer.concat([Buffer.from([type]), Buffer.from(text)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

async function read(socket: Socket, length: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  while (all.length < length) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    all = Buffer.concat([all, data]);
  }
  return all;
}
