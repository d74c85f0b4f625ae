/**
 * `npm run bench`: times the built command line, whole process, beside buildah where that is installed, and prints tables.
 * Every store and workload lies in one temporary folder, which is removed in the end.
 *
 *   npm run bench -- [--runs 3] [--only W1|W2|RUN] [--builders slipway,buildah,buildkit] [--files 20000] [--large 1024]
 *                    [--dir FOLDER] [--cli FILE]
 *
 * `--large` is the size of W2 in MiB; `--dir` says on which file system to measure; `--cli` measures another build. RUN, what one
 * trivial command costs, has 20 rounds and, for root, is measured as a normal user too. BuildKit is where
 * $SLIPWAY_BENCH_BUILDKIT says; see builders.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuilt, nodeBinary, root } from '../../build/setup.mjs';
import { buildah, buildkit, slipway, type Builder } from './builders.ts';
import { benchmarkCommands, formatCommands } from './commands.ts';
import { CommandFailed, measure, type Cost } from './measure.ts';
import { formatTable, type Row } from './table.ts';
import { largeFiles, manyFiles, type Workload } from './workloads.ts';

/** So long after a change that its time no longer says "just now". */
const SETTLE_MS = 100;
const LARGE_FILES = 64;

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string' },
    only: { type: 'string' },
    builders: { type: 'string', default: 'slipway,buildah,buildkit' },
    files: { type: 'string', default: '20000' },
    large: { type: 'string', default: '1024' },
    dir: { type: 'string', default: tmpdir() },
    cli: { type: 'string' },
  },
});

type Operation = 'cold' | 'unchanged' | 'one file changed';

/** Every operation `runs` times, each time from an empty store; the page cache is warm throughout. */
async function benchmark(builder: Builder, workload: Workload, runs: number): Promise<Row[]> {
  const costs: Record<Operation, Cost[]> = { cold: [], unchanged: [], 'one file changed': [] };
  const holds: Partial<Record<Operation, number>> = {};
  const { folder } = workload;
  const once = async (operation: Operation, round: number): Promise<void> => {
    // What earlier runs wrote must not be written out during this one.
    spawnSync('sync');
    if (round > 0) costs[operation].push(await measure(builder.command(folder)));
    else if (builder.loopHold) holds[operation] = await builder.loopHold(folder);
    else await measure(builder.command(folder));
  };
  let failure: string | undefined;
  try {
    // Round 0 warms up, and watches the event loop where there is one to watch.
    for (let round = 0; round <= runs; round++) {
      await builder.reset();
      await once('cold', round);
      await once('unchanged', round);
      workload.change(changes++);
      await sleep(SETTLE_MS);
      await once('one file changed', round);
    }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    failure = error.message;
    console.error(`${builder.name}: ${failure}`);
  }
  await builder.reset();
  return (Object.keys(costs) as Operation[]).map((operation) => ({
    builder: builder.name,
    operation,
    costs: costs[operation],
    ...(holds[operation] === undefined ? {} : { loopHold: holds[operation] }),
    ...(failure === undefined ? {} : { failure }),
  }));
}
let changes = 0;

async function installedBuilders(folder: string): Promise<Builder[]> {
  const wanted = flags.builders.split(',');
  const cli = flags.cli ?? join(root, 'out', 'main', 'cli.js');
  const builders: (Builder | undefined)[] = [];
  if (wanted.includes('slipway')) builders.push(slipway(cli, nodeBinary(), folder));
  if (wanted.includes('buildah')) {
    for (const driver of ['overlay', 'vfs'] as const) builders.push(await buildah(driver, folder));
  }
  return builders.filter((builder) => builder !== undefined);
}

/** Prints what one RUN costs each builder; as root then all of it again, by a user made for it. */
async function benchmarkRun(builders: readonly Builder[], folder: string): Promise<void> {
  const rounds = Number(flags.runs ?? 20);
  const isRoot = process.getuid?.() === 0;
  const kit = flags.builders.split(',').includes('buildkit') ? buildkit() : undefined;
  const rows: Awaited<ReturnType<typeof benchmarkCommands>>[] = [];
  // BuildKit is a daemon, for which it makes no difference who asks.
  for (const builder of [...builders, ...(kit && isRoot ? [kit] : [])])
    rows.push(await benchmarkCommands(builder, join(folder, 'RUN'), rounds));
  const who = isRoot ? 'root' : 'a normal user';
  console.log(`\nRUN: one trivial command, as ${who}; median of ${rounds}\n\n${formatCommands(rows)}`);
  if (!isRoot) return;
  const cli = flags.cli ?? join(root, 'out', 'main', 'cli.js');
  const words = [join(root, 'tests/bench/run.ts'), '--only', 'RUN', '--runs', `${rounds}`, '--cli', cli];
  spawnSync(
    process.execPath,
    [join(root, 'build/as-normal-user.mjs'), nodeBinary(), ...words, '--builders', flags.builders],
    { stdio: 'inherit' },
  );
}

const runs = Number(flags.runs ?? 3);
const files = Number(flags.files);
if (flags.cli === undefined) ensureBuilt();
const folder = mkdtempSync(join(flags.dir, 'slipway-bench-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
}
try {
  const makers: Record<string, (folder: string) => Workload> = {
    W1: (at) => manyFiles(at, { files, ignored: Math.round(files * 1.5) }),
    W2: (at) => largeFiles(at, { files: LARGE_FILES, bytes: (Number(flags.large) * 2 ** 20) / LARGE_FILES }),
  };
  const stores = join(folder, 'stores');
  mkdirSync(stores);
  const builders = await installedBuilders(stores);
  if (flags.only === undefined || flags.only === 'RUN') await benchmarkRun(builders, folder);
  for (const [name, make] of Object.entries(makers)) {
    if (flags.only !== undefined && flags.only !== name) continue;
    const workload = make(join(folder, name));
    const rows: Row[] = [];
    for (const builder of builders) rows.push(...(await benchmark(builder, workload, runs)));
    console.log(`\n${name}: ${workload.title}; median of ${runs}\n\n${formatTable(rows)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
