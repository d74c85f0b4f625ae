import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Digest } from '../../electron/engine/base/digest.ts';
import { createWorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { build } from '../../electron/engine/build/build.ts';
import { predict } from '../../electron/engine/build/predict.ts';
import { parseSolvedBuild } from '../../electron/engine/solver/step-facts.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import type { BuildEvent } from '../../shared/build-events.ts';
import { foldBuild } from '../../shared/build-state.ts';
import {
  missedIn,
  openExplainBench,
  predictedIn,
  requestOf,
  type ExplainBench,
} from './explain/build-cases.ts';
import type { Project } from './explain/explain-case.ts';

/** What explanations owe to the store: what was cleaned up, what is damaged, and what must never be in it. */

const TWO: Project = { dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\n', tree: { a: 'a', b: 'b' } };

const pool = createWorkerPool();
afterAll(() => pool.close());

function projectOf({ folder }: ExplainBench): string {
  return `${folder}\n${join(folder, 'Dockerfile')}`;
}

/** The keys of the last build's steps. */
function keys(store: Store, project: string): readonly Digest[] {
  const [last] = store.solved.list(project);
  return parseSolvedBuild(last!)!.steps.map(({ key }) => key as Digest);
}

describe('a miss', () => {
  test('of what clean-up removed says when', async () => {
    await using bench = await openExplainBench(pool);
    const { store } = bench.services;
    await bench.build(TWO);
    const [, second] = keys(store, projectOf(bench));
    const before = Date.now();
    store.cache.remove([second!]);
    const { steps } = await bench.build(TWO);
    expect(steps[1]!.miss).toEqual({ cause: { kind: 'removed', at: expect.any(Number) } });
    expect((steps[1]!.miss!.cause as { at: number }).at).toBeGreaterThanOrEqual(before);
    expect(missedIn(await bench.build(TWO))).toEqual({});
  });

  test('where clean-up removed what could be compared with says so too', async () => {
    await using bench = await openExplainBench(pool);
    await bench.build(TWO);
    bench.services.store.cache.remove(keys(bench.services.store, projectOf(bench)));
    const { steps } = await bench.build({ ...TWO, tree: { a: 'a', b: 'B' } });
    expect(steps.map(({ miss }) => miss?.cause.kind)).toEqual(['removed', 'removed']);
  });

  test('of a layer that is gone says so', async () => {
    await using bench = await openExplainBench(pool);
    const first = await bench.build(TWO);
    unlinkSync(bench.services.store.blobs.path(first.steps[1]!.layer as Digest));
    expect(missedIn(await bench.build(TWO))).toEqual({ '0/2': 'lost' });
  });

  test('in a copy of the project is compared with what the copy was built from', async () => {
    await using bench = await openExplainBench(pool);
    await bench.build(TWO);
    const copy = join(bench.folder, '../copy');
    await cp(bench.folder, copy, { recursive: true });
    const buildCopy = async () => {
      const events: BuildEvent[] = [];
      await build(bench.services, requestOf(copy), { onEvents: (batch) => events.push(...batch) });
      return missedIn(foldBuild(events));
    };
    expect(await buildCopy()).toEqual({});
    await writeFile(join(copy, 'b'), 'other');
    expect(await buildCopy()).toEqual({ '0/2': 'files ~b' });
  });

  test('of thousands of files names the first and counts the others', async () => {
    await using bench = await openExplainBench(pool);
    const tree = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [`d${i % 30}/file-${i}.txt`, '']),
    );
    const project = { dockerfile: 'FROM scratch\nCOPY . /\n', tree };
    await bench.build(project);
    const one = await bench.build({ ...project, tree: { ...tree, 'd7/file-7.txt': 'x' } });
    expect(missedIn(one)).toEqual({ '0/1': 'files ~d7/file-7.txt' });
    const all = Object.fromEntries(Object.keys(tree).map((path) => [path, 'y']));
    const { steps } = await bench.build({ ...project, tree: all });
    expect(steps[0]!.miss?.cause).toMatchObject({ kind: 'files', more: 2_950, added: 0, removed: 0 });
  });
});

describe('a prediction', () => {
  test('writes no record, no image and no build', async () => {
    await using bench = await openExplainBench(pool);
    const { store } = bench.services;
    await bench.prepare(TWO);
    const predicted = predictedIn(await predict(bench.services, requestOf(bench.folder)));
    expect(Object.keys(predicted.miss)).toEqual(['0/1', '0/2']);
    expect(store.solved.list(projectOf(bench))).toEqual([]);
    expect([store.images.list(), store.builds.list()]).toEqual([[], []]);
    expect(missedIn(await bench.build(TWO))).toEqual({ '0/1': 'new', '0/2': 'new' });
  });

  test('knows of a step of its own below which one will run', async () => {
    await using bench = await openExplainBench(pool);
    const project = {
      dockerfile: 'FROM scratch\nCOPY a /a\nCOPY --link b /b\nCOPY c /c\nCOPY d /d\n',
      tree: { a: 'a', b: 'b', c: 'c', d: 'd' },
    };
    await bench.build(project);
    await bench.prepare({ ...project, tree: { ...project.tree, a: 'A', d: 'D' } });
    const predicted = predictedIn(await predict(bench.services, requestOf(bench.folder)));
    expect(predicted).toEqual({
      hit: ['0/2'],
      miss: { '0/1': /^files/, '0/4': /^files/ },
      depends: ['0/3'],
    });
  });

  test('names the image that must be pulled first', async () => {
    await using bench = await openExplainBench(pool);
    await bench.prepare({ dockerfile: 'FROM registry.invalid/base:1\nCOPY a /a\n', tree: { a: 'a' } });
    expect(await predict(bench.services, requestOf(bench.folder))).toEqual({
      stages: [],
      steps: [],
      missing: ['registry.invalid/base:1'],
    });
  });

  test('stops when nobody wants it any more', async () => {
    await using bench = await openExplainBench(pool);
    await bench.prepare(TWO);
    const controller = new AbortController();
    const asked = predict(bench.services, requestOf(bench.folder), { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('no event and no row for explanations holds a value of a variable that looks like a secret', async () => {
  await using bench = await openExplainBench(pool);
  const { store } = bench.services;
  const project = (value: string): Project => ({
    dockerfile:
      'FROM scratch\nARG TOKEN\nARG URL=https://$TOKEN@host\nWORKDIR /w-$TOKEN\nCOPY --chown=1 b ./$URL/\nCOPY b $TOKEN/b\n',
    tree: { b: 'b' },
    request: { buildArgs: { TOKEN: value } },
  });
  const reasons: string[] = [];
  for (const value of ['hush-hush-1', 'hush-hush-2']) {
    const { steps } = await bench.build(project(value));
    reasons.push(...steps.map(({ miss }) => JSON.stringify(miss)));
  }
  expect(reasons.join('\n')).toContain('TOKEN');
  const logs = readdirSync(join(store.root, 'builds')).map((name) =>
    readFileSync(join(store.root, 'builds', name), 'utf8'),
  );
  const told = logs
    .join('')
    .split('\n')
    .filter((line) => line.includes('step.cache'));
  expect(told.length).toBeGreaterThan(0);
  const kept = store.solved.list(projectOf(bench));
  for (const text of [...reasons, ...told, ...kept]) expect(text).not.toContain('hush');
});
