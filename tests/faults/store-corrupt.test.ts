import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestOf, hexOf, type Digest } from '../../electron/engine/base/digest.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import type { StoredImage } from '../../electron/engine/store/store.ts';
import { expectSound } from './store-checks.ts';
import { full, putImage, sampleLayer, withDirectory } from './store-samples.ts';

const TAGS = [full('app:1'), full('app:latest'), 'localhost:5000/team/app:x'];

/** A store with two images, three tags and an untagged image, closed; as a directory at `root`. */
async function makeStore(root: string): Promise<{ readonly app: StoredImage; readonly other: StoredImage }> {
  const store = await openStore({ root });
  const app = await putImage(store, 'app', ['a', 'b']);
  const other = await putImage(store, 'other', ['b']);
  await putImage(store, 'untagged', ['c']);
  await store.references.set(TAGS.slice(0, 2), app.descriptor);
  await store.references.set(TAGS.slice(2), other.descriptor);
  store.close();
  return { app, other };
}

async function expectAllTagged(root: string): Promise<void> {
  const store = await openStore({ root });
  try {
    expectSound(store);
    expect(store.references.list().map(({ reference }) => reference)).toEqual(TAGS);
    for (const name of ['a', 'b']) {
      const { layer, toc } = sampleLayer(name);
      expect(store.layers.get(layer.diffId)).toEqual(layer);
      expect(await store.layers.toc(layer.diffId)).toEqual(toc);
    }
  } finally {
    store.close();
  }
}

function namesLike(root: string, start: string): readonly string[] {
  return readdirSync(root).filter((name) => name.startsWith(start));
}

describe('the database', () => {
  const database = (root: string) => join(root, 'slipway.db');

  test.each<[string, (root: string) => void, number]>([
    ['is gone', (root) => rmSync(database(root)), 0],
    ['is empty', (root) => writeFileSync(database(root), ''), 0],
    ['is text', (root) => writeFileSync(database(root), 'no database at all\n'.repeat(500)), 1],
    ['has lost its end', (root) => truncateSync(database(root), 20_000), 1],
    ['is all zero bytes', (root) => writeFileSync(database(root), Buffer.alloc(40_960)), 1],
    [
      'has rubbish in its pages',
      (root) => {
        const data = readFileSync(database(root));
        data.fill(0x5a, 4096, 30_000);
        writeFileSync(database(root), data);
      },
      1,
    ],
    [
      'is that of another program',
      (root) => {
        rmSync(database(root));
        const foreign = new Database(database(root));
        foreign.exec("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')");
        foreign.close();
      },
      1,
    ],
  ])('%s: every tagged image is there again, and the old file kept aside', (_, spoil, kept) =>
    withDirectory(async (root) => {
      await makeStore(root);
      spoil(root);
      await expectAllTagged(root);
      expect(namesLike(root, 'slipway.db.corrupt-').length).toBe(kept);
      await expectAllTagged(root);
      expect(namesLike(root, 'slipway.db.corrupt-').length).toBe(kept);
    }),
  );

  test('was written by a newer version: refused politely, and left as it was', () =>
    withDirectory(async (root) => {
      await makeStore(root);
      const db = new Database(database(root));
      db.pragma('user_version = 99');
      db.close();
      const before = readFileSync(database(root));
      for (const readonly of [false, true]) {
        await expect(openStore({ root, readonly })).rejects.toMatchObject({ code: 'STORE_NEWER' });
      }
      expect(readFileSync(database(root)).equals(before)).toBe(true);
    }));

  test('breaks while it is in use: a typed error, and the next start finds out and starts anew', () =>
    withDirectory(async (root) => {
      await makeStore(root);
      const store = await openStore({ root });
      // More than SQLite keeps in memory.
      const parts = [{ kind: 'files' as const, name: 'x', value: 'y'.repeat(16_000) }];
      for (let i = 0; i < 1500; i++) {
        store.cache.put({ key: digestOf(`k${i}`), step: 's', parts, createdAt: '' });
      }
      store.close();
      const live = await openStore({ root });
      // In another process: closing the file in this one would end SQLite's locks on it.
      execFileSync(
        'dd',
        [`of=${database(root)}`, 'if=/dev/urandom', 'bs=4096', 'seek=1', 'count=5000', 'conv=notrunc'],
        {
          stdio: 'ignore',
        },
      );
      const damaged = expect.objectContaining({ code: 'STORE_DAMAGED' }) as Error;
      expect(() => live.cache.history('s', 2000)).toThrow(damaged);
      await expect(openStore({ root })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
      expect(namesLike(root, 'slipway.db.corrupt-')).toEqual([]);
      live.close();
      await expectAllTagged(root);
      expect(namesLike(root, 'slipway.db.corrupt-').length).toBeGreaterThan(0);
      expect(namesLike(root, 'slipway.db.suspect')).toEqual([]);
    }));

  test('is taken away under a process that goes on: it is told so instead of writing into the void', () =>
    withDirectory(async (root) => {
      const { app } = await makeStore(root);
      const live = await openStore({ root });
      rmSync(database(root));
      await expect(openStore({ root })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
      await expect(live.references.set([full('app:2')], app.descriptor)).rejects.toMatchObject({
        code: 'STORE_REPLACED',
      });
      live.close();
      await expectAllTagged(root);
    }));

  test('locks that are rubbish: the store opens all the same', () =>
    withDirectory(async (root) => {
      await makeStore(root);
      for (const name of ['slipway.lock', 'slipway.open'])
        writeFileSync(join(root, name), 'rubbish'.repeat(1000));
      await expectAllTagged(root);
    }));

  test.each<[string, (wal: string) => void]>([
    ['is lost', (wal) => rmSync(wal)],
    ['is rubbish', (wal) => writeFileSync(wal, Buffer.alloc(50_000, 'x'))],
    ['is torn', (wal) => truncateSync(wal, 33_000)],
    ['has rubbish after its end', (wal) => appendFileSync(wal, Buffer.alloc(5000, 'x'))],
  ])('write-ahead log %s after a kill: nothing tagged is lost', (_, spoil) =>
    withDirectory(async (parent) => {
      const root = join(parent, 'store');
      const live = await openStore({ root });
      const app = await putImage(live, 'app', ['a', 'b']);
      const other = await putImage(live, 'other', ['b']);
      await live.references.set(TAGS.slice(0, 2), app.descriptor);
      await live.references.set(TAGS.slice(2), other.descriptor);
      // What a killed process leaves: the files as they are, with the log not yet folded into the database.
      const copy = join(parent, 'copy');
      cpSync(root, copy, { recursive: true });
      rmSync(join(copy, 'slipway.db-shm'));
      spoil(join(copy, 'slipway.db-wal'));
      await expectAllTagged(copy);
      live.close();
    }),
  );
});

describe('index.json', () => {
  const index = (root: string) => join(root, 'index.json');

  test.each<[string, (root: string) => void]>([
    ['is gone', (root) => rmSync(index(root))],
    ['is torn', (root) => truncateSync(index(root), 100)],
    ['is empty', (root) => writeFileSync(index(root), '')],
    ['is an older one', (root) => writeFileSync(index(root), '{"schemaVersion":2,"manifests":[]}')],
  ])('%s: written again from the database', (_, spoil) =>
    withDirectory(async (root) => {
      await makeStore(root);
      const before = JSON.parse(readFileSync(index(root), 'utf8')) as { manifests: unknown };
      spoil(root);
      await expectAllTagged(root);
      expect(JSON.parse(readFileSync(index(root), 'utf8'))).toMatchObject({ manifests: before.manifests });
    }),
  );

  test('is one revision ahead, as after a kill before the end of the transaction: it counts', () =>
    withDirectory(async (root) => {
      const { app, other } = await makeStore(root);
      const saved = readFileSync(join(root, 'slipway.db'));
      const store = await openStore({ root });
      await store.references.set([full('app:new'), full('app:1')], other.descriptor);
      await store.references.remove([full('app:latest')]);
      store.close();
      writeFileSync(join(root, 'slipway.db'), saved);
      const after = await openStore({ root });
      expectSound(after);
      expect(after.references.get(full('app:new'))).toEqual(other.descriptor);
      expect(after.references.get(full('app:1'))).toEqual(other.descriptor);
      expect(after.references.get(full('app:latest'))).toBeUndefined();
      expect(after.images.get(app.descriptor.digest)).toBeDefined();
      after.close();
    }));

  test('got an image from another tool: adopted under its name', () =>
    withDirectory(async (root) => {
      const { app } = await makeStore(root);
      const text = JSON.parse(readFileSync(index(root), 'utf8')) as { manifests: unknown[] };
      const annotations = { 'org.opencontainers.image.ref.name': 'skopeo:1' };
      text.manifests.push({ ...app.descriptor, annotations });
      writeFileSync(index(root), JSON.stringify(text));
      const store = await openStore({ root });
      expectSound(store);
      expect(store.references.get(full('skopeo:1'))).toEqual(app.descriptor);
      expect(store.references.list().length).toBe(TAGS.length + 1);
      store.close();
    }));

  test('without a database, naming what is not whole: the rest is there, and the file kept', () =>
    withDirectory(async (root) => {
      const { app, other } = await makeStore(root);
      rmSync(join(root, 'slipway.db'));
      writeFileSync(join(root, 'blobs/sha256', hexOf(app.config)), '{}');
      const store = await openStore({ root });
      expectSoundExcept(root, app.config);
      expect(store.references.list().map(({ descriptor }) => descriptor)).toEqual([other.descriptor]);
      store.close();
      const [kept] = namesLike(root, 'index.json.kept-');
      expect(readFileSync(join(root, kept!), 'utf8')).toContain('app:latest');
    }));
});

/** The blobs other than this one are whole. */
function expectSoundExcept(root: string, damaged: Digest): void {
  for (const name of readdirSync(join(root, 'blobs/sha256'))) {
    if (name === hexOf(damaged)) continue;
    expect(hexOf(digestOf(readFileSync(join(root, 'blobs/sha256', name))))).toBe(name);
  }
}

describe('blobs', () => {
  const damages: readonly [string, (path: string) => void][] = [
    ['flipped', (path) => flip(path)],
    ['cut short', (path) => truncateSync(path, 10)],
    ['longer', (path) => appendFileSync(path, 'x')],
    ['emptied', (path) => truncateSync(path, 0)],
    ['gone', (path) => rmSync(path)],
    [
      'a directory',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ];

  test.each(damages)('a config that is %s is never served', (_, damage) =>
    withDirectory(async (root) => {
      const { app } = await makeStore(root);
      const store = await openStore({ root });
      damage(store.blobs.path(app.config));
      await expect(store.blobs.read(app.config)).rejects.toMatchObject({
        code: expect.stringMatching(/^BLOB_(CORRUPT|MISSING)$/),
      });
      store.close();
    }),
  );

  test.each(damages.slice(0, 5))(
    'a layer that is %s is never streamed whole, and storing it again heals it',
    (_, damage) =>
      withDirectory(async (root) => {
        const { app } = await makeStore(root);
        const store = await openStore({ root });
        const { layer, data } = sampleLayer('a');
        damage(store.blobs.path(layer.diffId));
        const stream = async (): Promise<Buffer> => {
          const parts: Buffer[] = [];
          for await (const part of store.blobs.stream(layer.diffId)) parts.push(part);
          return Buffer.concat(parts);
        };
        await expect(stream()).rejects.toMatchObject({
          code: expect.stringMatching(/^BLOB_(CORRUPT|MISSING)$/),
        });
        expect(store.layers.get(layer.diffId)).toBeUndefined();
        await putImage(store, 'app', ['a', 'b']);
        expect((await stream()).equals(data)).toBe(true);
        expect(store.images.get(app.descriptor.digest)).toEqual(app);
        expectSound(store);
        store.close();
      }),
  );
});

function flip(path: string): void {
  const data = readFileSync(path);
  data[data.length >> 1]! ^= 1;
  writeFileSync(path, data);
}
