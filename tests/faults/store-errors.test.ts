import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../electron/engine/base/digest.ts';
import { EngineError } from '../../electron/engine/base/errors.ts';
import { nodeFs, type StoreFile, type StoreFs } from '../../electron/engine/store/durable-fs.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { expectSound } from './store-checks.ts';
import { chunks, full, putImage, putLayer, sampleLayer, withDirectory } from './store-samples.ts';

/** A file system whose n-th call from now fails, once. */
interface FaultyFs {
  readonly fs: StoreFs;
  arm(call: number, code: string): void;
  /** Puts the faults away; answers the name of the call that failed, if it came to that. */
  disarm(): string | undefined;
}

function faultyFs(): FaultyFs {
  let left = Infinity;
  let code = '';
  let hit: string | undefined;

  function check(name: string): void {
    if (left-- !== 0) return;
    hit = name;
    throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name });
  }

  function wrap<T extends object>(target: T, prefix: string): T {
    return new Proxy(target, {
      get(object, key) {
        const value: unknown = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        const name = prefix + String(key);
        const isSync = name.endsWith('Sync');
        return (...args: unknown[]): unknown => {
          if (isSync) {
            check(name);
            return Reflect.apply(value, object, args);
          }
          return (async () => {
            // A failed close must not leak the descriptor of the test process.
            if (name === 'file.close') await Reflect.apply(value, object, args);
            check(name);
            const result: unknown =
              name === 'file.close' ? undefined : await Reflect.apply(value, object, args);
            return name === 'open' ? wrap(result as StoreFile, 'file.') : result;
          })();
        };
      },
    });
  }

  return {
    fs: wrap(nodeFs, ''),
    arm(call, errorCode) {
      left = call;
      code = errorCode;
      hit = undefined;
    },
    disarm() {
      left = Infinity;
      return hit;
    },
  };
}

const CODES: Readonly<Record<string, string>> = { ENOSPC: 'STORE_FULL', EIO: 'STORE_IO' };

interface Operation {
  readonly name: string;
  prepare?(store: Store): Promise<void>;
  run(store: Store): Promise<unknown>;
  /** What must be there once it succeeded. */
  done(store: Store): Promise<boolean>;
}

const image = (store: Store) => store.images.list().find(({ origin }) => origin === 'built')!.descriptor;
const later = sampleLayer('later');

const OPERATIONS: readonly Operation[] = [
  {
    name: 'put',
    run: (store) => store.blobs.put('new'),
    done: async (store) => (await store.blobs.read(digestOf('new'))).toString() === 'new',
  },
  {
    name: 'putStream',
    run: (store) => store.blobs.putStream(chunks(Buffer.from('a'), Buffer.from('b'))),
    done: async (store) => (await store.blobs.read(digestOf('ab'))).toString() === 'ab',
  },
  {
    name: 'commit',
    run: async (store) => {
      const path = store.blobs.ingestPath();
      writeFileSync(path, 'new');
      await store.blobs.commit(path, digestOf('new'), 3);
    },
    done: async (store) => store.blobs.has(digestOf('new')),
  },
  {
    name: 'put of a layer',
    prepare: async (store) => void (await store.blobs.putStream(chunks(later.data))),
    run: (store) => store.layers.put(later.layer, later.toc),
    done: async (store) => (await store.layers.toc(later.layer.diffId)).length === 1,
  },
  {
    name: 'tag',
    run: (store) => store.references.set([full('new:1'), full('new:2')], image(store)),
    done: async (store) => ['new:1', 'new:2'].every((name) => store.references.get(full(name)) !== undefined),
  },
  {
    name: 'untag',
    run: (store) => store.references.remove([full('app:1'), full('app:2')]),
    done: async (store) => store.references.list().length === 0,
  },
  {
    name: 'put of an image',
    run: (store) => putImage(store, 'second', ['a', 'b']),
    done: async (store) => store.images.list().length === 2,
  },
  {
    name: 'putInputs',
    run: (store) => store.cache.putInputs(digestOf('lines'), 'lines'),
    done: async (store) => (await store.cache.getInputs(digestOf('lines'))) === 'lines',
  },
];

describe.each(Object.keys(CODES))('%s', (code) => {
  test.each(OPERATIONS)(
    'at every call of $name: a typed error, nothing half, and trying again works',
    (operation) =>
      withDirectory(async (root) => {
        const calls: string[] = [];
        for (let call = 0; ; call++) {
          const faulty = faultyFs();
          const directory = join(root, String(call));
          const store = await openStore({ root: directory, fs: faulty.fs });
          const app = await putImage(store, 'app', ['a']);
          await store.references.set([full('app:1'), full('app:2')], app.descriptor);
          await operation.prepare?.(store);
          const before = store.references.list();

          faulty.arm(call, code);
          const failure = await operation.run(store).then(
            () => undefined,
            (error: unknown) => error,
          );
          const hit = faulty.disarm();
          if (hit !== undefined) calls.push(hit);
          if (failure !== undefined) {
            expect(failure, hit).toBeInstanceOf(EngineError);
            expect((failure as EngineError).code, hit).toBe(CODES[code]);
            expect(store.references.list()).toEqual(before);
            expectSound(store);
            await operation.run(store);
          }
          expect(await operation.done(store), hit).toBe(true);
          store.close();
          const reopened = await openStore({ root: directory });
          expectSound(reopened);
          expect(reopened.images.get(app.descriptor.digest)).toBeDefined();
          reopened.close();
          if (hit === undefined) break;
        }
        expect(calls.length).toBeGreaterThan(3);
      }),
  );

  test('at every call of opening: a typed error or a sound store, and opening again works', () =>
    withDirectory(async (parent) => {
      let hits = 0;
      for (let call = 0; ; call++) {
        const root = join(parent, String(call));
        const faulty = faultyFs();
        const first = await openStore({ root });
        const app = await putImage(first, 'app', ['a']);
        await first.references.set([full('app:1')], app.descriptor);
        await putLayer(first, 'garbage');
        first.close();
        writeFileSync(join(root, 'index.json'), 'torn');
        writeFileSync(join(root, 'ingest/leftover'), '');
        faulty.arm(call, code);
        const opened = await openStore({ root, fs: faulty.fs }).catch((error: unknown) => {
          expect((error as EngineError).code).toBe(CODES[code]);
        });
        const hit = faulty.disarm();
        opened?.close();
        const store = await openStore({ root });
        expectSound(store);
        expect(store.references.get(full('app:1'))).toEqual(app.descriptor);
        expect(store.blobs.has(sampleLayer('garbage').layer.diffId)).toBe(false);
        store.close();
        if (hit === undefined) break;
        hits++;
      }
      expect(hits).toBeGreaterThan(15);
    }));

  test('at every call of a removal: the image is whole or gone, and its space is freed in the end', () =>
    withDirectory(async (parent) => {
      for (let call = 0; ; call++) {
        const root = join(parent, String(call));
        const faulty = faultyFs();
        const store = await openStore({ root, fs: faulty.fs });
        const app = await putImage(store, 'app', ['a']);
        await store.references.set([full('app:1')], app.descriptor);
        faulty.arm(call, code);
        const failure = await store.images.remove(app.descriptor.digest).then(
          () => undefined,
          (error: unknown) => error,
        );
        const hit = faulty.disarm();
        if (failure !== undefined) expect((failure as EngineError).code, hit).toBe(CODES[code]);
        if (store.images.list().length > 0) {
          expectSound(store);
          await store.images.remove(app.descriptor.digest);
        }
        store.close();
        const reopened = await openStore({ root });
        expectSound(reopened);
        expect(reopened.references.list()).toEqual([]);
        expect(readdirSync(join(root, 'blobs/sha256'))).toEqual([]);
        expect(readdirSync(join(root, 'toc'))).toEqual([]);
        reopened.close();
        if (hit === undefined) break;
      }
    }));
});

test('a log that cannot be written says so when it is closed, once', () =>
  withDirectory(async (root) => {
    const faulty = faultyFs();
    const store = await openStore({ root, fs: faulty.fs });
    const log = store.builds.create({
      id: 'b',
      folder: '/x',
      dockerfile: 'Dockerfile',
      tags: [],
      trigger: { kind: 'manual' },
      outcome: 'running',
      startedAt: 1,
      steps: 0,
      cached: 0,
    });
    faulty.arm(0, 'ENOSPC');
    log.append([{ type: 'step.started', step: 's', seq: 0, time: 0 }]);
    await expect(log.close()).rejects.toMatchObject({ code: 'STORE_FULL' });
    store.close();
  }));
