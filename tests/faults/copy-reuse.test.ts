import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf, type Digest } from '../../electron/engine/base/digest.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import type { BuildEvent } from '../../shared/build-events.ts';

/** COPY takes what has not changed from the layer it made last: a layer that rotted on the disk must not get into the next. */

let place: string;
let engine: Engine;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'slipway-reuse-'));
  mkdirSync(join(place, 'project'));
  writeFileSync(join(place, 'project/Dockerfile'), 'FROM scratch\nCOPY *.txt /\n');
  await save('kept.txt', 'what stays as it is\n');
  await save('changed.txt', 'one\n');
  engine = await createEngine({ store: join(place, 'store') });
});
afterEach(async () => {
  await engine.close();
  await rm(place, { recursive: true, force: true });
});

/** Long ago, so that the file's digest is known to be right without reading it again. */
async function save(name: string, text: string): Promise<void> {
  const path = join(place, 'project', name);
  writeFileSync(path, text);
  await utimes(path, 1_600_000_000, 1_600_000_000);
}

async function layerOf(): Promise<Buffer> {
  let layer = '';
  const onEvents = (events: readonly BuildEvent[]): void => {
    for (const event of events) if (event.type === 'step.finished') layer = event.layer ?? layer;
  };
  const request = { folder: join(place, 'project'), tags: [], buildArgs: {}, labels: {}, noCache: false };
  await engine.build({ ...request, trigger: { kind: 'manual' } }, { onEvents });
  blob = join(place, 'store/blobs/sha256', hexOf(layer as Digest));
  return readFileSync(blob);
}
let blob = '';

test('bytes of the earlier layer are compared, and the file is read where they are others', async () => {
  // The second build knows the digests of files that the first found too young to trust.
  await layerOf();
  await save('changed.txt', 'two\n');
  expect((await layerOf()).includes('what stays as it is')).toBe(true);
  const rotten = readFileSync(blob);
  rotten.write('WHAT', rotten.indexOf('what stays'));
  writeFileSync(blob, rotten);
  await save('changed.txt', 'three\n');
  const layer = await layerOf();
  expect(layer.includes('three')).toBe(true);
  expect(layer.includes('what stays as it is')).toBe(true);
  expect(layer.includes('WHAT')).toBe(false);
});
