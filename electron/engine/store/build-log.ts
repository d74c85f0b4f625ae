import type { BuildEvent } from '../../../shared/build-events.ts';
import { APPEND, READ, withFile, writeAll, type StoreFile, type StoreFs } from './durable-fs.ts';
import { storeError } from './store-error.ts';
import type { BuildLog } from './store.ts';

const FLUSH_MS = 200;
/** Characters that are written without waiting for more, and how many may wait before writers should hold back. */
const FLUSH_SIZE = 1024 * 1024;
const HIGH_WATER = 8 * 1024 * 1024;
const CHUNK = 64 * 1024;

/**
 * An event log: a JSON line an event, at most 200 ms behind, made lasting when it is closed. An error of the disk ends the
 * writing, not the build; `close` fails with it.
 */
export function openBuildLog(fs: StoreFs, root: string, path: string): BuildLog {
  let pending: string[] = [];
  let pendingSize = 0;
  /** Characters handed to the disk, and not written yet. */
  let writing = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed: Promise<void> | undefined;
  let failed = false;
  let failure: unknown;
  const opened = fs.open(path, APPEND);
  let tail: Promise<void> = opened.then(
    () => undefined,
    (error: unknown) => fail(error),
  );

  function fail(error: unknown): void {
    if (!failed) failure = storeError(root, error);
    failed = true;
    pending = [];
  }

  function enqueue(work: (file: StoreFile) => Promise<void>): void {
    tail = tail.then(async () => {
      if (!failed) await work(await opened).catch(fail);
    });
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const text = pending.join('');
    pending = [];
    pendingSize = 0;
    writing += text.length;
    enqueue((file) => writeAll(file, Buffer.from(text)).finally(() => (writing -= text.length)));
  }

  async function finish(): Promise<void> {
    flush();
    enqueue((file) => file.sync());
    await tail;
    await opened.then((file) => file.close()).catch(fail);
    if (failed) throw failure;
  }

  return {
    append(events) {
      if (closed !== undefined) throw new Error('The build log is closed.');
      if (failed) return;
      for (const event of events) {
        const line = `${JSON.stringify(event)}\n`;
        pending.push(line);
        pendingSize += line.length;
      }
      if (pendingSize > FLUSH_SIZE) flush();
      else timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    drained: () => (failed || writing < HIGH_WATER ? undefined : tail),
    close: () => (closed ??= finish()),
  };
}

/**
 * The events of a log in order. A line that is not whole JSON is passed over: the last one when the process was killed.
 * A log that is not there has none.
 */
export async function* readBuildLog(fs: StoreFs, root: string, path: string): AsyncGenerator<BuildEvent> {
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  try {
    for (;;) {
      const chunk = await readChunk(fs, path, position);
      if (chunk.length === 0) return;
      position += chunk.length;
      const end = chunk.lastIndexOf(0x0a) + 1;
      const whole = Buffer.concat([rest, chunk.subarray(0, end)]);
      rest = end === 0 ? Buffer.concat([rest, chunk]) : chunk.subarray(end);
      if (end === 0) continue;
      for (const line of whole.toString('utf8').split('\n')) {
        const event = parseLine(line);
        if (event !== undefined) yield event;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw storeError(root, error);
  }
}

function readChunk(fs: StoreFs, path: string, position: number): Promise<Buffer> {
  return withFile(fs, path, READ, async (file) => {
    const buffer = Buffer.allocUnsafe(CHUNK);
    return buffer.subarray(0, (await file.read(buffer, 0, CHUNK, position)).bytesRead);
  });
}

function parseLine(line: string): BuildEvent | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as BuildEvent;
  } catch {
    return undefined;
  }
}
