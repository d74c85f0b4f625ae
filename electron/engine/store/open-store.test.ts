import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { full, putImage, withDirectory } from '../../../tests/faults/store-samples.ts';
import { openStore } from './open-store.ts';

test('a new store is an OCI image layout', () =>
  withDirectory(async (parent) => {
    const root = join(parent, 'deep/store');
    (await openStore({ root })).close();
    expect(JSON.parse(readFileSync(join(root, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    expect(JSON.parse(readFileSync(join(root, 'index.json'), 'utf8'))).toMatchObject({ manifests: [] });
    expect(readdirSync(join(root, 'ingest'))).toEqual([]);
  }));

test('a directory with other content is left alone', () =>
  withDirectory(async (root) => {
    writeFileSync(join(root, 'thesis.odt'), 'important');
    await expect(openStore({ root })).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
    expect(readdirSync(root)).toEqual(['thesis.odt']);
  }));

test('many openings at once, in one process', () =>
  withDirectory(async (root) => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStore({ root })));
    const image = await putImage(stores[0]!, 'app', ['a']);
    await stores[1]!.references.set([full('app:1')], image.descriptor);
    for (const store of stores) expect(store.references.get(full('app:1'))).toEqual(image.descriptor);
    for (const store of stores) store.close();
    stores[0]!.close();
  }));

test('read-only: everything can be read, nothing written', () =>
  withDirectory(async (root) => {
    await expect(openStore({ root: join(root, 'none'), readonly: true })).rejects.toMatchObject({
      code: 'STORE_MISSING',
    });
    const store = await openStore({ root: join(root, 'store') });
    const image = await putImage(store, 'app', ['a']);
    await store.references.set([full('app:1')], image.descriptor);
    const before = readdirSync(join(root, 'store'), { recursive: true }).sort();
    const reader = await openStore({ root: join(root, 'store'), readonly: true });
    expect(reader.references.list().length).toBe(1);
    expect((await reader.blobs.read(image.config)).length).toBeGreaterThan(0);
    const refused = { code: 'STORE_READONLY' };
    await expect(reader.blobs.put('x')).rejects.toMatchObject(refused);
    await expect(reader.images.remove(image.descriptor.digest)).rejects.toMatchObject(refused);
    await expect(reader.references.remove([full('app:1')])).rejects.toMatchObject(refused);
    expect(() => reader.lease('x')).toThrow('for reading only');
    reader.close();
    expect(readdirSync(join(root, 'store'), { recursive: true }).sort()).toEqual(before);
    store.close();
  }));
