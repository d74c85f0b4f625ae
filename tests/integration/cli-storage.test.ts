import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PruneReport, StorageUsage } from '../../shared/storage.ts';
import { useCliBench } from './support/cli-bench.ts';

/** What takes room, and clean-up, on the command line. */

const { project, store, cli, build, json } = useCliBench();

const usage = (): Promise<StorageUsage> => json<StorageUsage>('du', '--json');
const withoutOther = ({ total, kinds }: StorageUsage): number =>
  total - kinds.find(({ kind }) => kind === 'other')!.bytes;

test('du says what there is, in all and one by one', async () => {
  await build('-t', 'app:1');
  const { stdout } = await cli('du', '-v');
  expect(stdout).toMatch(/^TYPE +COUNT +SIZE +RECLAIMABLE\nIMAGES +1 +\d/);
  expect(stdout).toMatch(/\nBUILD LOGS +1 /);
  expect(stdout).toMatch(/\nIMAGES +[0-9a-f]{12} +.*docker\.io\/library\/app:1\n/);
  expect(withoutOther(await usage())).toBeGreaterThan(0);
});

test('prune asks first, tells what would go, and frees just that', async () => {
  await build('-t', 'app:1');
  writeFileSync(join(project(), 'a.txt'), 'changed');
  await build('-t', 'app:1');

  expect(await cli('prune')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nothing was removed: nobody is here to be asked.') as string,
  });
  const before = await usage();
  const told = await json<PruneReport>('prune', '--dry-run', '--json');
  expect(told.kinds[0]).toMatchObject({ kind: 'images', count: 1 });
  expect(withoutOther(await usage())).toBe(withoutOther(before));
  const done = await json<PruneReport>('prune', '--force', '--json');
  expect(done).toEqual({ ...told, dryRun: false });
  expect(withoutOther(before) - done.freed).toBe(withoutOther(await usage()));
  expect((await cli('images', '-q')).stdout.trim().split('\n')).toHaveLength(1);

  const { stdout } = await cli('prune', '--all', '--force');
  expect(stdout).toMatch(/\nBuild logs: 2 build logs, .*\nRemoved \d+ things, freed /s);
  expect(readdirSync(join(store(), 'builds'))).toEqual([]);
  expect((await cli('prune', '-af')).stdout).toBe('Nothing to clean up.\n');
  const again = await build('--explain', '-t', 'app:1');
  expect([again.code, again.stderr]).toEqual([
    0,
    expect.stringContaining('because clean-up removed its result on 20') as string,
  ]);
  await cli('prune', '-af');

  await cli('rmi', 'app:1');
  expect(readdirSync(join(store(), 'blobs/sha256'))).toEqual([]);
});

test('prune takes the limits of the settings, and flags before them', async () => {
  await build('-t', 'app:1');
  const recent = await json<PruneReport>('prune', '--dry-run', '--json', '--filter', 'until=24h');
  expect(recent.kinds).toEqual([]);
  expect(await cli('prune', '--filter', 'label=x', '-f')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--filter "label=x" is not known.') as string,
  });
});
