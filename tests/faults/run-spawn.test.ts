import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findIdentity } from '../../electron/engine/base/identity.ts';
import { spawnAs } from '../../electron/engine/base/spawn-as.ts';
import { seeded } from './build-project.ts';
import { livingThings } from './run-census.ts';

const KILLS = 60;

test(`${KILLS} programs killed while they start leave nothing, and their output ends`, async () => {
  const identity = await findIdentity();
  const random = seeded(20_261_126);
  const marker = `97${process.pid}`;
  const started = performance.now();
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const;
  const run = (...words: readonly string[]): ReturnType<typeof spawnAs> =>
    spawnAs(identity, 'sh', ['-c', ...words], { env: process.env, stdio });
  const [code] = (await once(run('exit 5', marker), 'close')) as [number | null];
  expect(code).toBe(5);
  const lasts = performance.now() - started;
  for (let i = 0; i < KILLS; i++) {
    const child = run(`exec sleep ${marker}`, marker);
    await delay(random() * lasts);
    child.kill('SIGKILL');
    // With one process left that has it, the output would stay open.
    await once(child, 'close');
  }
  await expect.poll(() => livingThings({ place: 'no place', marker })).toEqual([]);
});
