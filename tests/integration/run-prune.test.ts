import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StorageKind } from '../../shared/storage.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { EVERYTHING } from '../../electron/engine/store/space/usage.ts';
import { openBench, type RunBench } from './support/run-bench.ts';

/** Clean-up of what steps with RUN leave: as root, and in the suite of normal users, whose files belong to subordinate users. */

let bench: RunBench;
let engine: Engine;
beforeAll(async () => {
  bench = await openBench();
  engine = await createEngine({ store: join(bench.place, 'store') });
});
afterAll(async () => {
  await engine.close();
  await bench[Symbol.asyncDispose]();
});

/** Makes a folder that only another user may look into. */
const SECRET =
  'busybox mkdir -p $D/locked && busybox head -c 5000 /dev/zero > $D/locked/file && busybox chown -R app $D/locked && busybox chmod 0700 $D/locked';

const bytes = async (kind: StorageKind): Promise<number> =>
  (await engine.storage.usage()).kinds.find((use) => use.kind === kind)!.bytes;

test('unpacked layers, cache mounts and failed steps are counted and removed, whoever owns their files', async () => {
  await bench.build(`RUN D=/srv; ${SECRET}\nRUN --mount=type=cache,target=/c D=/c; ${SECRET}\nRUN true`);
  await expect(bench.build(`RUN D=/srv; ${SECRET}; exit 3`)).rejects.toMatchObject({ code: 'RUN_FAILED' });
  for (const kind of ['snapshots', 'cacheMounts', 'failedSteps'] as const)
    expect(await bytes(kind), kind).toBeGreaterThanOrEqual(5000);

  const told = await engine.storage.prune(EVERYTHING, { dryRun: true });
  const done = await engine.storage.prune(EVERYTHING);
  expect(done).toEqual({ ...told, dryRun: false });
  for (const kind of ['snapshots', 'cacheMounts', 'failedSteps', 'cache', 'images'] as const)
    expect([kind, await bytes(kind)]).toEqual([kind, 0]);
  for (const folder of ['snapshots', 'kept', 'blobs/sha256', 'ingest'])
    expect(readdirSync(join(bench.place, 'store', folder)), folder).toEqual([]);
});

test('a layer stays unpacked while a command runs on it, and is unpacked again when it is gone', async () => {
  const running = await bench.start('RUN echo started; busybox sleep 4; busybox ls /bin/busybox');
  await running.printed('started\n');
  await engine.storage.prune(EVERYTHING);
  const { code, stderr } = await running.result;
  expect([code, stderr]).toEqual([0, expect.stringContaining('/bin/busybox') as string]);
  await engine.storage.prune(EVERYTHING);
  expect(readdirSync(join(bench.place, 'store', 'snapshots'))).toEqual([]);
  expect((await bench.build('RUN busybox ls /bin/busybox')).log).toContain('/bin/busybox');
});
