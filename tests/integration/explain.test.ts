import { afterAll, describe, expect, test } from 'vitest';
import { createWorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { predict } from '../../electron/engine/build/predict.ts';
import { missedIn, openExplainBench, predictedIn, requestOf } from './explain/build-cases.ts';
import { FILE_CASES } from './explain/file-cases.ts';
import { GRAPH_CASES } from './explain/graph-cases.ts';
import { INSTRUCTION_CASES } from './explain/instruction-cases.ts';
import { RUN_CASES } from './explain/run-cases.ts';
import { VARIABLE_CASES } from './explain/variable-cases.ts';

/**
 * Each case: what was changed, which steps miss then, and why; what is not named must be a hit, and nothing else is blamed. Before it is
 * built it is predicted, which must come true.
 */
const GROUPS = {
  instructions: INSTRUCTION_CASES,
  files: FILE_CASES,
  'ARG and ENV': VARIABLE_CASES,
  'stages and images': GRAPH_CASES,
  RUN: RUN_CASES,
};

const pool = createWorkerPool();
afterAll(() => pool.close());

for (const [group, cases] of Object.entries(GROUPS)) {
  describe(group, () => {
    test.concurrent.each(cases)('$name', async ({ before, after, missed }) => {
      await using bench = await openExplainBench(pool);
      for (const project of before) await bench.build(project);
      await bench.prepare(after);
      const predicted = predictedIn(await predict(bench.services, requestOf(bench.folder, after.request)));
      const built = missedIn(await bench.build(after));
      expect(built).toEqual(missed);
      const misses = Object.keys(built);
      expect(predicted.hit.filter((place) => misses.includes(place))).toEqual([]);
      for (const [place, reason] of Object.entries(predicted.miss)) expect(built[place]).toMatch(reason);
      const all = [...predicted.hit, ...Object.keys(predicted.miss), ...predicted.depends];
      expect(all).toEqual(expect.arrayContaining(misses));
    });
  });
}
