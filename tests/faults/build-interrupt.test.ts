import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { changeProject, seeded, writeProject } from './build-project.ts';
import { disturbedBuild } from './interrupted-build.ts';
import { expectSound } from './store-checks.ts';
import { withDirectory } from './store-samples.ts';

const INTERRUPTS = 40;
/** So many lines of progress are there before any build is done. */
const LINES = 12;

test(
  `${INTERRUPTS} interrupted builds end with 130, tag nothing and clean up themselves`,
  { timeout: 900_000 },
  () =>
    withDirectory(async (directory) => {
      const [project, root] = [join(directory, 'project'), join(directory, 'store')];
      mkdirSync(project);
      writeProject(project);
      const random = seeded(20_261_003);
      const finished = new Set<string>();

      for (let round = 0; round < INTERRUPTS; round++) {
        changeProject(project, random);
        // From the first line on the command listens; before, an interrupt ends it as it ends every program.
        const moment = { lines: 1 + Math.floor(random() * LINES), after: random() < 0.7 ? 0 : random() * 20 };
        const words = ['--store', root, '-t', `round:${round}`, project];
        const { code, stdout, stderr } = await disturbedBuild(words, moment, 'SIGINT');
        if (code === 0) finished.add(`docker.io/library/round:${round}`);
        else {
          expect(code, stderr).toBe(130);
          expect(stdout).toBe('');
          expect(stderr.trimEnd().split('\n').at(-1)).toBe('Interrupted.');
          expect(stderr).not.toMatch(/^error:/m);
        }
        expect(readdirSync(join(root, 'ingest'))).toEqual([]);

        const store = await openStore({ root });
        expectSound(store);
        expect(new Set(store.references.list().map(({ reference }) => reference))).toEqual(finished);
        expect(store.images.list()).toHaveLength(finished.size);
        const ended = store.builds.list().filter(({ outcome }) => outcome === 'cancelled');
        expect(ended).toHaveLength(round + 1 - finished.size);
        store.close();
      }
      expect(finished.size).toBeLessThan(INTERRUPTS / 2);
      console.log(`${finished.size} of ${INTERRUPTS} builds were done before they heard of it`);
    }),
);
