import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createWorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { build as buildImage } from '../../electron/engine/build/build.ts';
import type { BuiltImage } from '../../shared/build-events.ts';
import { openEngineStore } from '../../electron/engine/open-engine-store.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { servicesOver } from '../support/build-services.ts';
import { changeProject, seeded, writeProject } from './build-project.ts';
import { expectEmptied } from './prune-checks.ts';
import { holdMount, RULES, unpack } from './prune-fill.ts';
import { expectSound } from './store-checks.ts';
import { full, putLayer, withDirectory } from './store-samples.ts';

const PRUNES = 500;
const BUILDERS = 3;
/** Of this process; it does not keep Node alive. */
const pool = createWorkerPool(2);

test(`${PRUNES} clean-ups while projects are built: nothing referenced is lost, and at the end nothing is left`, () =>
  withDirectory(async (directory) => {
    const root = join(directory, 'store');
    // Two open stores, as two processes have them.
    const builderStore = await openEngineStore(root, pool, () => new Date());
    const prunerStore = await openEngineStore(root, pool, () => new Date());
    let isOver = false;
    const counts = { builds: 0, runs: 0, mounts: 0, freed: 0 };

    async function prune(): Promise<void> {
      try {
        for (let i = 0; i < PRUNES; i++) {
          counts.freed += (await prunerStore.space.prune(RULES[i % RULES.length]!)).freed;
          await turn();
        }
      } finally {
        isOver = true;
      }
    }
    async function buildProjects(builder: number): Promise<void> {
      const project = join(directory, `project-${builder}`);
      mkdirSync(project);
      writeProject(project);
      const random = seeded(builder + 1);
      while (!isOver) {
        // Steps that run again to the same end take the layer of before, which without a name only their records keep.
        const isAgain = random() < 0.3;
        if (isAgain) await builderStore.references.remove([full(`app:${builder}`)]);
        else if (random() < 0.7) changeProject(project, random);
        const { id } = await build(builderStore, project, `app:${builder}`, isAgain);
        counts.builds++;
        // Its name keeps it, whatever is removed around it.
        expect(builderStore.references.get(full(`app:${builder}`))?.digest).toBe(id);
        expectWholeImage(builderStore, id);
      }
    }
    /** What a step with RUN does: a lease on the layer, then its unpacked form, for as long as the command runs. */
    async function useSnapshots(): Promise<void> {
      for (let i = 0; !isOver; i++) {
        using lease = builderStore.lease('run');
        const { diffId } = await putLayer(builderStore, `run-${i % 5}`);
        lease.add(diffId);
        if (!builderStore.blobs.has(diffId)) continue;
        const known = join(root, 'snapshots', `${diffId.slice(7)}.0123`);
        const folder = existsSync(known) ? known : await unpack(builderStore, diffId);
        for (let n = 0; n < 5; n++) {
          await turn();
          expect(readFileSync(join(folder, 'file'), 'utf8')).toBe(diffId);
        }
        counts.runs++;
      }
    }
    async function useMounts(): Promise<void> {
      for (let i = 0; !isOver; i++) {
        await holdMount(builderStore, `m${i % 3}`, async (path) => {
          for (let n = 0; n < 5; n++) {
            await turn();
            expect(readFileSync(join(path, 'file'), 'utf8')).toBe(`m${i % 3}`);
          }
        });
        counts.mounts++;
        await turn();
      }
    }

    const builders = Array.from({ length: BUILDERS }, (_, i) => buildProjects(i));
    await Promise.all([prune(), ...builders, useSnapshots(), useMounts()]);
    expectSound(builderStore);
    for (let builder = 0; builder < BUILDERS; builder++) {
      const again = await build(builderStore, join(directory, `project-${builder}`), 'again');
      expectWholeImage(builderStore, again.id);
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
    await expectEmptied(prunerStore);
    builderStore.close();
    prunerStore.close();
    console.log(JSON.stringify(counts));
  }));

function build(store: Store, folder: string, tag: string, noCache = false): Promise<BuiltImage> {
  return buildImage(
    servicesOver(store, pool),
    {
      ...{ folder, tags: [tag], buildArgs: {}, labels: {}, noCache },
      trigger: { kind: 'manual' },
    },
    { onEvents: () => undefined },
  );
}

/** Everything that the image's manifest names is there. */
function expectWholeImage(store: Store, id: string): void {
  const manifest = JSON.parse(readFileSync(store.blobs.path(id as `sha256:${string}`), 'utf8')) as {
    readonly config: { readonly digest: `sha256:${string}` };
    readonly layers: readonly { readonly digest: `sha256:${string}` }[];
  };
  for (const { digest } of [manifest.config, ...manifest.layers]) expect(store.blobs.has(digest)).toBe(true);
}
