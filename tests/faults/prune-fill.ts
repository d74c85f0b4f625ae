import { mkdirSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOf, type Digest } from '../../electron/engine/base/digest.ts';
import { EVERYTHING } from '../../electron/engine/store/space/usage.ts';
import type { PruneRules, Store } from '../../electron/engine/store/store.ts';
import { full, putImage, putLayer } from './store-samples.ts';

/** Things of every kind that clean-up removes, and what must never go. */

const never = new AbortController().signal;

/** Rules to take by turns: some of them remove everything that may go. */
export const RULES: readonly PruneRules[] = [
  EVERYTHING,
  { untagged: true },
  { maxSize: 0 },
  { ...EVERYTHING, untagged: false },
  { keepBuilds: 1, maxSize: 1_100_000 },
];

/** An image with a name, one without, cache records, an unpacked layer, a cache mount, a build and a list of files. */
export async function fillStore(store: Store, name: string): Promise<Digest> {
  const build = store.builds.create({
    ...{ id: name, folder: `/${name}`, dockerfile: 'Dockerfile', tags: [], trigger: { kind: 'manual' } },
    ...{ outcome: 'running', startedAt: Date.now(), steps: 0, cached: 0 },
  });
  using lease = store.lease(name);
  const named = await putImage(store, name, [`shared`, `own-${name}`]);
  lease.add(named.descriptor.digest);
  await store.references.set([full(`app:${name}`)], named.descriptor);
  await putImage(store, `${name} nameless`, [`shared`, `other-${name}`]);
  const layer = await putLayer(store, `cached-${name}`);
  lease.add(layer.diffId);
  const list = `list of ${name}`;
  await store.cache.putInputs(digestOf(list), list);
  const parts = [{ kind: 'files', name: 'files', value: digestOf(list) }] as const;
  store.cache.put({ key: digestOf(name), step: name, parts, layer: layer.diffId, createdAt: name });
  await unpack(store, layer.diffId);
  await holdMount(store, name, async () => undefined);
  build.append([{ type: 'step.started', step: 's/1', seq: 0, time: 0 }]);
  await build.close();
  store.builds.update({ ...store.builds.get(name)!, outcome: 'succeeded' });
  return named.descriptor.digest;
}

/** Puts an unpacked layer where RUN does, whole at once; answers its folder. */
export async function unpack(store: Store, layer: Digest): Promise<string> {
  const folder = join(store.root, 'snapshots', `${hexOf(layer)}.0123`);
  const draft = store.blobs.ingestPath();
  mkdirSync(join(store.root, 'snapshots'), { recursive: true });
  mkdirSync(draft);
  writeFileSync(join(draft, 'file'), layer);
  await rename(draft, folder);
  store.snapshots.touch([`${hexOf(layer)}.0123`]);
  return folder;
}

/** Does the work while a cache mount is held. */
export async function holdMount(
  store: Store,
  name: string,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const make = async (path: string): Promise<void> => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'file'), name);
  };
  const taken = await store.cacheMounts.take(
    name.toLowerCase(),
    { id: `/${name}`, sharing: 'shared', renew: false, make },
    never,
  );
  try {
    await work(taken.path);
  } finally {
    taken.release();
  }
}
