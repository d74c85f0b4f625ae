import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { digestOf } from '../../electron/engine/base/digest.ts';
import { full, putImage } from './store-samples.ts';

/**
 * A process that uses a store without end, or for a number of rounds, and says on standard output what it is about to do
 * and what is done: a line of JSON each, written at once, so that a killed writer's last words are whole.
 *
 *   node store-writer.ts ROOT NAME [ROUNDS]
 */
const [root = '', name = '', rounds = 'Infinity'] = process.argv.slice(2);

function say(what: string, ...details: readonly string[]): void {
  writeSync(1, `${JSON.stringify([what, ...details])}\n`);
}

const store = await openStore({ root });
say('open');
const kept: string[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const id = `${name}-${round}`;
  const build = store.builds.create({
    id,
    folder: '/project',
    dockerfile: 'Dockerfile',
    tags: [],
    trigger: { kind: 'manual' },
    outcome: 'running',
    startedAt: round,
    steps: 0,
    cached: 0,
  });
  const lease = store.lease(id);
  const image = await putImage(store, id, [`shared-${round % 3}`, `own-${id}`]);
  const { digest } = image.descriptor;
  say('image', digest);
  const layer = digestOf(Buffer.alloc(2000, `own-${id}.`));
  store.cache.put({ key: digestOf(id), step: name, parts: [], layer, createdAt: id });
  // A blob that only the lease keeps: gone after a kill, but never half there.
  lease.add(digestOf(`leased ${id}`));
  await store.blobs.put(`leased ${id}`);
  for (const reference of [full(`${name}:${round}`), full(`common:${round % 5}`)]) {
    say('tagging', reference, digest);
    await store.references.set([reference], image.descriptor);
    say('tagged', reference, digest);
  }
  kept.push(digest);
  if (kept.length > 12) {
    const oldest = kept.shift()!;
    say('removing', oldest);
    await store.images.remove(oldest as typeof digest);
    say('removed', oldest);
  }
  build.append([{ type: 'step.started', step: 's/1', seq: 0, time: round }]);
  await build.close();
  lease.release();
  await turn();
}
store.close();
say('closed');
