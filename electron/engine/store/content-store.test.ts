import { existsSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chunks, NOWHERE, withDirectory } from '../../../tests/faults/store-samples.ts';
import { digestOf, hexOf, type Digest } from '../base/digest.ts';
import { nodeFs, type StoreFs } from './durable-fs.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

const HELLO = Buffer.from('hello');
const HELLO_DIGEST = digestOf(HELLO);

function withStore(work: (store: Store, root: string) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const store = await openStore({ root });
      try {
        await work(store, root);
        expect(readdirSync(join(root, 'ingest'))).toEqual([]);
      } finally {
        store.close();
      }
    });
}

describe('commit', () => {
  test(
    'an ingest file becomes the blob',
    withStore(async ({ blobs }, root) => {
      const path = blobs.ingestPath();
      writeFileSync(path, HELLO);
      expect(blobs.has(HELLO_DIGEST)).toBe(false);
      await blobs.commit(path, HELLO_DIGEST, 5);
      expect(existsSync(path)).toBe(false);
      expect(blobs.size(HELLO_DIGEST)).toBe(5);
      expect(blobs.path(HELLO_DIGEST)).toBe(join(root, 'blobs/sha256', hexOf(HELLO_DIGEST)));
      expect(await blobs.read(HELLO_DIGEST)).toEqual(HELLO);
    }),
  );

  test(
    'the same blob again drops the ingest file',
    withStore(async ({ blobs }) => {
      await blobs.put(HELLO);
      const path = blobs.ingestPath();
      writeFileSync(path, HELLO);
      await blobs.commit(path, HELLO_DIGEST, 5);
      expect(existsSync(path)).toBe(false);
    }),
  );

  test(
    'another size than promised is refused and leaves nothing',
    withStore(async ({ blobs }) => {
      const path = blobs.ingestPath();
      writeFileSync(path, 'hell');
      await expect(blobs.commit(path, HELLO_DIGEST, 5)).rejects.toMatchObject({ code: 'BLOB_SIZE_MISMATCH' });
      expect(blobs.has(HELLO_DIGEST)).toBe(false);
    }),
  );

  test(
    'only ingest files are taken',
    withStore(async ({ blobs }, root) => {
      await expect(blobs.commit(join(root, 'index.json'), HELLO_DIGEST, 5)).rejects.toThrow(
        'not an ingest file',
      );
      await expect(blobs.discard(join(root, 'index.json'))).rejects.toThrow('not an ingest file');
      expect(existsSync(join(root, 'index.json'))).toBe(true);
    }),
  );

  test(
    'a name that is no digest reaches no path',
    withStore(async ({ blobs }) => {
      for (const name of ['sha256:../../x', 'sha512:00', `${HELLO_DIGEST}/`, '']) {
        expect(() => blobs.path(name as Digest)).toThrow('not a sha256 digest');
        expect(() => blobs.has(name as Digest)).toThrow('not a sha256 digest');
      }
    }),
  );
});

describe('durability', () => {
  /** The real file system, telling what is done to which of the store's files. */
  function recordingFs(calls: string[], failOn: (call: string) => boolean = () => false): StoreFs {
    const nameOf = (path: string) => path.split('/').slice(-2, -1)[0] + (path.endsWith('sha256') ? '/' : '');
    const note = (call: string): void => {
      calls.push(call);
      if (failOn(call)) throw Object.assign(new Error('injected'), { code: 'EIO', syscall: call });
    };
    return {
      ...nodeFs,
      open: async (path, flags) => {
        const file = await nodeFs.open(path, flags);
        const name = nameOf(path);
        return {
          read: file.read.bind(file),
          write: file.write.bind(file),
          stat: file.stat.bind(file),
          sync: async () => {
            note(`fsync ${name}`);
            await file.sync();
          },
          close: () => file.close(),
        };
      },
      rename: async (from, to) => {
        note(`rename ${nameOf(from)} ${nameOf(to)}`);
        await nodeFs.rename(from, to);
      },
    };
  }

  test('fsync before the rename, fsync of the directory after it', () =>
    withDirectory(async (root) => {
      const calls: string[] = [];
      const store = await openStore({ root, fs: recordingFs(calls) });
      calls.length = 0;
      await store.blobs.put(HELLO);
      expect(calls).toEqual(['fsync ingest', 'rename ingest sha256', 'fsync blobs/']);
      store.close();
    }));

  test('after a failed fsync of the directory the blob is not relied on, but written again', () =>
    withDirectory(async (root) => {
      const calls: string[] = [];
      let failing = true;
      const fs = recordingFs(calls, (call) => failing && call === 'fsync blobs/');
      const store = await openStore({ root, fs });
      await expect(store.blobs.put(HELLO)).rejects.toMatchObject({ code: 'STORE_IO' });
      expect(store.blobs.has(HELLO_DIGEST)).toBe(false);
      failing = false;
      calls.length = 0;
      await store.blobs.put(HELLO);
      expect(calls).toContain('rename ingest sha256');
      expect(store.blobs.has(HELLO_DIGEST)).toBe(true);
      store.close();
    }));
});

describe('putStream', () => {
  test(
    'answers what came',
    withStore(async ({ blobs }) => {
      const written = await blobs.putStream(chunks(Buffer.from('hel'), Buffer.from('lo')));
      expect(written).toEqual({ digest: HELLO_DIGEST, size: 5 });
      expect(await blobs.read(HELLO_DIGEST)).toEqual(HELLO);
    }),
  );

  test.each([
    ['too many bytes', { size: 4 }, 'BLOB_SIZE_MISMATCH'],
    ['too few bytes', { size: 6 }, 'BLOB_SIZE_MISMATCH'],
    ['other content', { digest: NOWHERE }, 'BLOB_DIGEST_MISMATCH'],
    ['a digest of another kind', { digest: 'md5:0' as Digest }, 'BLOB_DIGEST_INVALID'],
  ])('%s: refused before it is visible', (_, expected, code) =>
    withStore(async ({ blobs }, root) => {
      await expect(blobs.putStream(chunks(HELLO), expected)).rejects.toMatchObject({ code });
      expect(readdirSync(join(root, 'blobs/sha256'))).toEqual([]);
    })(),
  );

  test(
    'never reads on after the promised size',
    withStore(async ({ blobs }) => {
      let given = 0;
      let stopped = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) {
            given++;
            yield Buffer.alloc(1000);
          }
        } finally {
          stopped = true;
        }
      }
      await expect(blobs.putStream(endless(), { size: 2500 })).rejects.toMatchObject({
        code: 'BLOB_SIZE_MISMATCH',
      });
      expect(given).toBe(3);
      expect(stopped).toBe(true);
    }),
  );

  test(
    'a signal ends the wait for a source that says nothing',
    withStore(async ({ blobs }) => {
      const silent: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
      };
      const stop = new AbortController();
      const storing = blobs.putStream(silent, {}, stop.signal);
      setTimeout(() => stop.abort(), 10);
      await expect(storing).rejects.toMatchObject({ name: 'AbortError' });
    }),
  );

  test(
    'an error of the source passes through',
    withStore(async ({ blobs }) => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield HELLO;
        throw new Error('connection lost');
      }
      await expect(blobs.putStream(broken())).rejects.toThrow('connection lost');
    }),
  );
});

describe('reading', () => {
  async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of source) parts.push(part);
    return Buffer.concat(parts);
  }

  test(
    'streams what was stored',
    withStore(async ({ blobs }) => {
      const data = Buffer.alloc(1_000_003, 'abc');
      expect(await collect(blobs.stream(await blobs.put(data)))).toEqual(data);
    }),
  );

  test(
    'a blob that is not there, or is a link or directory, is missing',
    withStore(async ({ blobs }, root) => {
      await expect(blobs.read(NOWHERE)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      await expect(collect(blobs.stream(NOWHERE))).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      const secret = join(root, 'secret');
      writeFileSync(secret, HELLO);
      symlinkSync(secret, blobs.path(HELLO_DIGEST));
      expect(blobs.has(HELLO_DIGEST)).toBe(false);
      await expect(blobs.read(HELLO_DIGEST)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      await expect(collect(blobs.stream(HELLO_DIGEST))).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    }),
  );

  test(
    'more than the limit is not read at once',
    withStore(async ({ blobs }) => {
      const digest = await blobs.put(Buffer.alloc(101));
      await expect(blobs.read(digest, 100)).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
      expect((await blobs.read(digest, 101)).length).toBe(101);
    }),
  );

  test.each(['read', 'stream'] as const)('%s finds a flipped byte, and storing again heals it', (how) =>
    withStore(async ({ blobs }) => {
      await blobs.put(HELLO);
      writeFileSync(blobs.path(HELLO_DIGEST), 'hellO');
      const reading = how === 'read' ? blobs.read(HELLO_DIGEST) : collect(blobs.stream(HELLO_DIGEST));
      await expect(reading).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
      expect(blobs.has(HELLO_DIGEST)).toBe(false);
      await blobs.put(HELLO);
      expect(blobs.has(HELLO_DIGEST)).toBe(true);
      expect(readFileSync(blobs.path(HELLO_DIGEST), 'utf8')).toBe('hello');
    })(),
  );

  test(
    'a blob cut short is written again',
    withStore(async ({ blobs }) => {
      await blobs.put(HELLO);
      writeFileSync(blobs.path(HELLO_DIGEST), 'hel');
      await blobs.put(HELLO);
      expect(await blobs.read(HELLO_DIGEST)).toEqual(HELLO);
      unlinkSync(blobs.path(HELLO_DIGEST));
      await blobs.put(HELLO);
      expect(await blobs.read(HELLO_DIGEST)).toEqual(HELLO);
    }),
  );
});
