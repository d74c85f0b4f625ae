import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { expectSound } from './store-checks.ts';
import { full, withDirectory } from './store-samples.ts';

const WRITER = join(import.meta.dirname, 'store-writer.ts');
const PROCESSES = 4;
const ROUNDS = 40;
/** As many images as the writer keeps of its own. */
const KEPT = 12;

async function runWriter(root: string, name: string): Promise<string> {
  const child = spawn(process.execPath, [WRITER, root, name, String(ROUNDS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (words += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ name, code, complaints }).toEqual({ name, code: 0, complaints: '' });
  return words;
}

test(`${PROCESSES} processes build, tag and remove in one store, from its creation on`, () =>
  withDirectory(async (root) => {
    const names = Array.from({ length: PROCESSES }, (_, i) => `p${i}`);
    const words = await Promise.all(names.map((name) => runWriter(root, name)));
    for (const each of words) expect(each).toContain('"closed"');

    const store = await openStore({ root });
    expectSound(store);
    expect(store.images.list().length).toBe(PROCESSES * KEPT);
    for (const name of names) {
      for (let round = 0; round < ROUNDS; round++) {
        const found = store.references.get(full(`${name}:${round}`)) !== undefined;
        expect(found, `${name}:${round}`).toBe(round >= ROUNDS - KEPT);
      }
      expect(store.cache.history(name, 1000).length).toBe(ROUNDS);
    }
    store.close();
  }));

test('a killed process holds nobody up', () =>
  withDirectory(async (root) => {
    const store = await openStore({ root });
    const child = spawn(process.execPath, [WRITER, root, 'doomed'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const started = performance.now();
    await store.blobs.put('afterwards');
    const other = await openStore({ root });
    expect(performance.now() - started).toBeLessThan(2000);
    // What a living process holds is not swept by another's opening.
    expect(other.blobs.has(await store.blobs.put('afterwards'))).toBe(true);
    const path = store.blobs.ingestPath();
    const { writeFileSync, existsSync } = await import('node:fs');
    writeFileSync(path, 'half');
    (await openStore({ root })).close();
    expect(existsSync(path)).toBe(true);
    await store.blobs.discard(path);
    other.close();
    store.close();
  }));
