import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { seeded } from './build-project.ts';
import { expectEmptied } from './prune-checks.ts';
import { expectSound } from './store-checks.ts';
import { withDirectory } from './store-samples.ts';

const KILLS = 50;
const ROUNDS = 12;
const WORKER = join(import.meta.dirname, 'prune-worker.ts');

/** Runs a worker, and kills it so many milliseconds after it has named its first image. */
async function runWorker(root: string, name: string, killAfter?: number): Promise<readonly string[]> {
  const rounds = killAfter === undefined ? [String(ROUNDS)] : [];
  const child = spawn(process.execPath, [WORKER, root, name, ...rounds], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (words += text));
  const ended = once(child, 'close');
  if (killAfter !== undefined) {
    while (!words.includes('named') && child.exitCode === null) await delay(2);
    await delay(killAfter);
    expect(child.exitCode).toBe(null);
    child.kill('SIGKILL');
  }
  const [code] = (await ended) as [number | null];
  expect(code).toBe(killAfter === undefined ? 0 : null);
  return [...words.matchAll(/named (\S+)\n/g)].map(([, digest]) => digest!);
}

test(`${KILLS} kills during clean-up: what has a name stays, what was half removed goes`, () =>
  withDirectory(async (root) => {
    const random = seeded(20_261_125);
    const named = new Set<string>();
    let leftovers = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      for (const digest of await runWorker(root, `w${kill}`, random() * 120)) named.add(digest);
      leftovers += readdirSync(join(root, 'ingest')).length;
      const store = await openStore({ root });
      expectSound(store);
      const kept = new Set<string>(store.images.list().map(({ descriptor }) => descriptor.digest));
      for (const digest of named) expect(kept).toContain(digest);
      if (kill % 10 === 9) {
        await expectEmptied(store);
        named.clear();
      }
      store.close();
    }
    // The kills have to hit clean-ups at work, not only between them.
    expect(leftovers).toBeGreaterThan(0);
    console.log(`${leftovers} half removed things were swept`);
  }));

test('two processes fill and clean up one store at once', () =>
  withDirectory(async (root) => {
    const named = await Promise.all(['one', 'two'].map((name) => runWorker(root, name)));
    const store = await openStore({ root });
    expectSound(store);
    const kept = new Set<string>(store.images.list().map(({ descriptor }) => descriptor.digest));
    for (const digest of named.flat()) expect(kept).toContain(digest);
    expect(named.flat()).toHaveLength(2 * ROUNDS);
    await expectEmptied(store);
    store.close();
  }));
