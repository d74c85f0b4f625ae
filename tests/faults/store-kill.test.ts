import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { expectSameIndex, expectWholeBlobs, expectWholeImages } from './store-checks.ts';
import { withDirectory } from './store-samples.ts';

const KILLS = 60;
const WRITER = join(import.meta.dirname, 'store-writer.ts');

/** What a writer's words oblige the store to: the images that must be there, and what each tag may point at. */
interface Promises {
  readonly images: Set<string>;
  /** Removal was begun and not acknowledged. */
  readonly doubtful: Set<string>;
  readonly tags: Map<string, Set<string | undefined>>;
}

function heed(promises: Promises, words: string): void {
  const lines = words.slice(0, words.lastIndexOf('\n') + 1).split('\n');
  for (const line of lines.filter(Boolean)) {
    const [what, subject = '', digest = ''] = JSON.parse(line) as readonly string[];
    if (what === 'image') {
      promises.images.add(subject);
      promises.doubtful.delete(subject);
    } else if (what === 'tagging') {
      const allowed = promises.tags.get(subject) ?? new Set([undefined]);
      promises.tags.set(subject, allowed.add(digest));
    } else if (what === 'tagged') promises.tags.set(subject, new Set([digest]));
    else if (what === 'removing') promises.doubtful.add(subject);
    else if (what === 'removed') {
      promises.images.delete(subject);
      for (const allowed of promises.tags.values()) if (allowed.delete(subject)) allowed.add(undefined);
    }
  }
}

/** Runs a writer and kills it at a random moment, while it opens the store or while it works. */
async function killWriter(root: string, name: string, random: () => number): Promise<string> {
  const child = spawn(process.execPath, [WRITER, root, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (words += text));
  const ended = once(child, 'close');
  if (random() < 0.15) await delay(100 + random() * 150);
  else {
    while (!words.includes('open') && child.exitCode === null) await delay(2);
    await delay(random() * 350);
  }
  expect(child.exitCode).toBe(null);
  child.kill('SIGKILL');
  await ended;
  return words;
}

/** Deterministic, so that a failure can be run again (Park and Miller's generator). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test(`${KILLS} kills lose nothing that was acknowledged and leave nothing behind`, () =>
  withDirectory(async (root) => {
    const random = seeded(20_261_001);
    const promises: Promises = { images: new Set(), doubtful: new Set(), tags: new Map() };
    const openings: number[] = [];
    let leftovers = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      heed(promises, await killWriter(root, `w${kill}`, random));
      leftovers += countNames(root, 'ingest');
      const started = performance.now();
      const store = await openStore({ root });
      openings.push(performance.now() - started);

      const blobs = expectWholeBlobs(root);
      const reached = expectWholeImages(store, blobs);
      expectSameIndex(store);
      const images = new Set<string>(store.images.list().map(({ descriptor }) => descriptor.digest));
      for (const image of promises.images) {
        if (!promises.doubtful.has(image)) expect(images).toContain(image);
        else if (!images.has(image)) promises.images.delete(image);
      }
      for (const [reference, allowed] of promises.tags) {
        const target = store.references.get(reference)?.digest;
        const mayBeGone = [...allowed].some((digest) => digest === undefined || !images.has(digest));
        expect(target === undefined ? mayBeGone : allowed.has(target), reference).toBe(true);
        promises.tags.set(reference, new Set([target]));
      }
      // The only blobs that stay without an image are layers that a cache record names.
      const leaked = [...blobs].filter(
        (digest) => !reached.has(digest) && store.layers.get(digest) === undefined,
      );
      expect(leaked).toEqual([]);
      expect(countNames(root, 'ingest')).toBe(0);
      expect(store.builds.list().every(({ outcome }) => outcome === 'lost')).toBe(true);
      store.close();
    }
    expect(promises.images.size).toBeGreaterThan(KILLS / 2);
    expect(leftovers).toBeGreaterThan(0);
    expect(Math.max(...openings)).toBeLessThan(1000);
    console.log(
      `${promises.images.size} images kept, ${leftovers} ingest files swept, slowest opening ${Math.max(...openings).toFixed(0)} ms`,
    );
  }));

function countNames(root: string, folder: string): number {
  try {
    return readdirSync(join(root, folder)).length;
  } catch {
    return 0;
  }
}
