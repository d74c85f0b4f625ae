import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { digestOf, hexOf, type Digest } from '../../electron/engine/base/digest.ts';
import { parseIndex } from '../../electron/engine/store/index-json.ts';
import type { Manifest } from '../../electron/engine/image/oci.ts';
import type { Store } from '../../electron/engine/store/store.ts';

/** What must be true of any store at rest, found out from the files and not from what the store says. */

/** Every file under blobs/ is what its name says. Answers their digests. */
export function expectWholeBlobs(root: string): ReadonlySet<Digest> {
  const directory = join(root, 'blobs/sha256');
  const names = readdirSync(directory);
  const wrong = names.filter((name) => hexOf(digestOf(readFileSync(join(directory, name)))) !== name);
  expect(wrong).toEqual([]);
  return new Set(names.map((name): Digest => `sha256:${name}`));
}

/** Every image the store lists is whole, on disk. Answers everything that images reach. */
export function expectWholeImages(store: Store, blobs: ReadonlySet<Digest>): ReadonlySet<Digest> {
  const reached = new Set<Digest>();
  for (const { descriptor, config } of store.images.list()) {
    const manifest = JSON.parse(readFileSync(store.blobs.path(descriptor.digest), 'utf8')) as Manifest;
    expect(manifest.config.digest).toBe(config);
    for (const digest of [descriptor.digest, config, ...manifest.layers.map((layer) => layer.digest)]) {
      reached.add(digest);
      if (!blobs.has(digest)) expect.fail(`image ${descriptor.digest} lacks ${digest}`);
    }
  }
  return reached;
}

/** index.json lists exactly the store's references, and each points at an image the store lists. */
export function expectSameIndex(store: Store): void {
  const index = parseIndex(readFileSync(join(store.root, 'index.json'), 'utf8'));
  const listed = index?.entries.map(({ reference, descriptor }) => ({ reference, descriptor }));
  const images = new Set(store.images.list().map(({ descriptor }) => descriptor.digest));
  const references = store.references.list();
  expect(listed).toEqual(references.map(({ reference, descriptor }) => ({ reference, descriptor })));
  for (const { descriptor } of references) expect(images).toContain(descriptor.digest);
}

/** All of the above, and nothing left in ingest/. */
export function expectSound(store: Store): void {
  expectWholeImages(store, expectWholeBlobs(store.root));
  expectSameIndex(store);
  expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
}
