import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { servicesOver } from '../support/build-services.ts';
import type { Digest } from '../../electron/engine/base/digest.ts';
import { createWorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { build as buildImage } from '../../electron/engine/build/build.ts';
import { readImage } from '../../electron/engine/image/read-image.ts';
import { openEngineStore } from '../../electron/engine/open-engine-store.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { changeProject, seeded, writeProject } from './build-project.ts';
import { disturbedBuild, type Moment } from './interrupted-build.ts';
import { expectSound, expectWholeBlobs, expectWholeImages } from './store-checks.ts';
import { full, withDirectory } from './store-samples.ts';

const KILLS = 100;
/** About as many lines as the progress of one build has. */
const LINES = 16;
/** Of this process; it does not keep Node alive. */
const pool = createWorkerPool(2);

test(
  `${KILLS} builds killed at random moments: the store opens, keeps what was acknowledged, and builds on`,
  { timeout: 1_800_000 },
  () =>
    withDirectory(async (directory) => {
      const [project, root] = [join(directory, 'project'), join(directory, 'store')];
      mkdirSync(project);
      writeProject(project);
      const undisturbed = await openEngineStore(join(directory, 'undisturbed'), pool, () => new Date());
      const random = seeded(20_261_002);
      /** What each tag is known to point at. */
      const tags = new Map<string, Digest>();
      const openings: number[] = [];
      let leftovers = 0;
      let finished = 0;

      for (let round = 0; round < KILLS; round++) {
        changeProject(project, random);
        const names = [`app:${round % 5}`, `round:${round}`];
        const words = [
          '--store',
          root,
          ...names.flatMap((name) => ['-t', name]),
          '--label',
          `round=${round}`,
        ];
        const result = await disturbedBuild([...words, '--json', project], momentOf(random), 'SIGKILL');
        const acknowledged = digestIn(result.stdout);
        if (acknowledged) finished++;
        leftovers += countNames(join(root, 'ingest'));

        const started = performance.now();
        const store = await openEngineStore(root, pool, () => new Date());
        openings.push(performance.now() - started);
        expectSound(store);
        expectNothingLeft(store);
        for (const [name, digest] of tags) {
          if (!names.includes(name)) expect(store.references.get(full(name))?.digest, name).toBe(digest);
        }
        for (const name of names) {
          const target = store.references.get(full(name))?.digest;
          if (acknowledged) expect(target).toBe(acknowledged);
          else if (target !== tags.get(name)) {
            expect((await contentOf(store, target!)).config).toMatchObject({ Labels: { round: `${round}` } });
          }
        }

        const again = await build(store, project, names, round);
        expect(await contentOf(store, again)).toEqual(
          await contentOf(undisturbed, await build(undisturbed, project, names, round)),
        );
        if (acknowledged) expect(again).toBe(acknowledged);
        for (const name of names) tags.set(name, again);
        store.close();
      }
      undisturbed.close();

      for (const name of ['app:0', 'app:4', `round:${KILLS - 1}`]) {
        const { stdout } = await promisify(execFile)('skopeo', ['inspect', `oci:${root}:${name}`]);
        expect(JSON.parse(stdout)).toMatchObject({ Digest: tags.get(name) });
      }
      // The kills have to hit builds at work, not only before and after.
      expect(finished).toBeLessThan(KILLS * 0.7);
      expect(leftovers).toBeGreaterThan(0);
      const sorted = openings.toSorted((a, b) => a - b);
      expect(sorted[KILLS >> 1]).toBeLessThan(1_000);
      console.log(
        `${finished} builds had finished, ${leftovers} ingest files were left and swept, ` +
          `the store opened in ${sorted[KILLS >> 1]!.toFixed(0)} ms, ${sorted.at(-1)!.toFixed(0)} ms at most`,
      );
    }),
);

function momentOf(random: () => number): Moment {
  if (random() < 0.1) return { lines: 0, after: random() * 600 };
  return { lines: 1 + Math.floor(random() * LINES), after: random() < 0.5 ? 0 : random() * 40 };
}

/** The image's digest that a finished build prints. */
function digestIn(stdout: string): Digest | undefined {
  return stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, Digest>)['containerimage.digest'];
}

/** No leases and builds of the dead, and no blob that nothing names. */
function expectNothingLeft(store: Store): void {
  const db = new Database(join(store.root, 'slipway.db'), { readonly: true });
  expect(db.prepare('SELECT count(*) AS n FROM owners').get()).toEqual({ n: 1 });
  expect(
    db.prepare('SELECT count(*) AS n FROM leases WHERE owner NOT IN (SELECT owner FROM owners)').get(),
  ).toEqual({ n: 0 });
  db.close();
  expect(store.builds.list().filter(({ outcome }) => outcome === 'running')).toEqual([]);
  const blobs = expectWholeBlobs(store.root);
  const reached = expectWholeImages(store, blobs);
  expect([...blobs].filter((digest) => !reached.has(digest) && !store.layers.get(digest))).toEqual([]);
}

/** What an image holds, without the times that differ from build to build. */
async function contentOf(
  store: Store,
  digest: Digest,
): Promise<{ readonly layers: readonly Digest[]; readonly config: unknown; readonly history: unknown }> {
  const { config, layers } = await readImage(store, digest);
  return {
    layers: layers.map((layer) => layer.contentDigest),
    config: config.config,
    history: config.history?.map((entry) => ({ ...entry, created: undefined })),
  };
}

/** Builds in this process; answers the image's digest. */
async function build(store: Store, folder: string, tags: readonly string[], round: number): Promise<Digest> {
  const { id } = await buildImage(
    servicesOver(store, pool),
    {
      folder,
      tags,
      buildArgs: {},
      labels: { round: `${round}` },
      noCache: false,
      trigger: { kind: 'manual' },
    },
    { onEvents: () => undefined },
  );
  return id as Digest;
}

function countNames(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
