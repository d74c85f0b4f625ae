import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { full, NOWHERE, putImage, withDirectory } from '../../../tests/faults/store-samples.ts';
import { parseIndex } from './index-json.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

function withStore(work: (store: Store, index: () => string) => Promise<void>): () => Promise<void> {
  return () =>
    withDirectory(async (root) => {
      const store = await openStore({ root, clock: () => Date.UTC(2026, 0, 1) });
      try {
        await work(store, () => readFileSync(join(root, 'index.json'), 'utf8'));
      } finally {
        store.close();
      }
    });
}

test(
  'tags move, and tell where they were',
  withStore(async (store) => {
    const one = await putImage(store, 'one', []);
    const two = await putImage(store, 'two', []);
    expect(await store.references.set([full('app:1')], one.descriptor)).toEqual([undefined]);
    expect(await store.references.set([full('app:1'), full('app:2')], two.descriptor)).toEqual([
      one.descriptor,
      undefined,
    ]);
    expect(store.references.get(full('app:1'))).toEqual(two.descriptor);
    expect(store.references.list()).toEqual([
      { reference: full('app:1'), descriptor: two.descriptor, updatedAt: '2026-01-01T00:00:00.000Z' },
      { reference: full('app:2'), descriptor: two.descriptor, updatedAt: '2026-01-01T00:00:00.000Z' },
    ]);
    expect(await store.references.remove([full('app:1'), full('none:1')])).toBe(1);
    expect(store.references.get(full('app:1'))).toBeUndefined();
    expect(store.images.list().length).toBe(2);
  }),
);

test(
  'index.json follows every change, and names images as other tools look for them',
  withStore(async (store, index) => {
    const { descriptor } = await putImage(store, 'app', ['a']);
    expect(JSON.parse(index())).toMatchObject({ schemaVersion: 2, manifests: [] });
    await store.references.set([full('app:latest'), 'localhost:5000/x/y:1'], descriptor);
    expect(JSON.parse(index())).toMatchObject({
      manifests: [
        {
          ...descriptor,
          annotations: {
            'org.opencontainers.image.ref.name': 'app:latest',
            'io.containerd.image.name': 'docker.io/library/app:latest',
          },
        },
        { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': 'localhost:5000/x/y:1' } },
      ],
    });
    await store.references.remove(['localhost:5000/x/y:1']);
    expect(parseIndex(index())!.entries).toEqual([{ descriptor, reference: full('app:latest') }]);
  }),
);

test(
  'setting what is set writes nothing',
  withStore(async (store, index) => {
    const { descriptor } = await putImage(store, 'app', []);
    await store.references.set([full('app:1')], descriptor);
    const before = index();
    const { ino } = statSync(join(store.root, 'index.json'));
    await store.references.set([full('app:1')], descriptor);
    expect(index()).toBe(before);
    expect(statSync(join(store.root, 'index.json')).ino).toBe(ino);
  }),
);

test(
  'a reference that is not in full form, or of an image that is not there, changes nothing',
  withStore(async (store, index) => {
    const { descriptor } = await putImage(store, 'app', []);
    const before = index();
    for (const [references, target, code] of [
      [['app'], descriptor, 'REFERENCE_INVALID'],
      [[full('ok:1'), full('Bad:1')], descriptor, 'REFERENCE_INVALID'],
      [[full('app:1')], { ...descriptor, digest: NOWHERE }, 'IMAGE_MISSING'],
    ] as const) {
      await expect(store.references.set(references, target)).rejects.toMatchObject({ code });
    }
    expect(store.references.list()).toEqual([]);
    expect(index()).toBe(before);
  }),
);
