import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slipway } from '../support/cli.ts';
import { run } from '../support/run.ts';
import { startSshAgent } from '../support/ssh-agent.ts';
import { ALL_CASES, imageName } from './all-cases.ts';
import { BASES } from './bases.ts';
import { buildCase, ourBuilder } from './real-builders.ts';
import type { RealCase } from './real-case.ts';

/** What became of the builds of somebody who is not root. */
export interface UserBuilds {
  /** Holds the images, under their own names. */
  readonly store: string;
  /** What each case that failed said, by the case's name. */
  readonly failures: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Builds the cases with `slipway` as a user made for it, on bases pulled from the registry; the user has a range of subordinate
 * ids, or is `single`. Needs root.
 */
export async function buildAsUser(
  cases: readonly RealCase[],
  host: string,
  how: 'range' | 'single',
): Promise<UserBuilds> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-as-user-'));
  // The user makes the store in it.
  chmodSync(place, 0o777);
  const store = join(place, 'store');
  const output = await run(
    process.execPath,
    join(ROOT, 'build/as-normal-user.mjs'),
    ...(how === 'single' ? ['--single'] : []),
    ...[process.execPath, import.meta.filename, store, host],
    ...cases.map(({ name }) => name),
  );
  const failures = JSON.parse(output) as UserBuilds['failures'];
  return { store, failures, close: () => rm(place, { recursive: true, force: true }) };
}

/** The user's side. */
async function main(store: string, host: string, names: readonly string[]): Promise<void> {
  for (const name of BASES) {
    for (const words of [
      ['pull', `${host}/base/${name}:1`],
      ['tag', `${host}/base/${name}:1`, `localhost/${name}`],
    ]) {
      const { code, stderr } = await slipway(['--store', store, ...words]);
      if (code !== 0) throw new Error(stderr);
    }
  }
  const agent = await startSshAgent();
  const failures: Record<string, string> = {};
  try {
    for (const real of ALL_CASES.filter(({ name }) => names.includes(name))) {
      await buildCase(real, ourBuilder(store), imageName(real, 'user'), { agent: agent.socket }).catch(
        (error: unknown) => void (failures[real.name] = String(error)),
      );
    }
  } finally {
    await agent.close();
  }
  process.stdout.write(JSON.stringify(failures));
}

if (process.argv[1] === import.meta.filename) {
  const [store, host, ...names] = process.argv.slice(2) as [string, string, ...string[]];
  await main(store, host, names);
}
