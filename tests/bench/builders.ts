import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onPath } from '../../build/setup.mjs';
import { CommandFailed, measure } from './measure.ts';

/** A program that builds images, with a store of its own. */
export interface Builder {
  readonly name: string;
  /** Empties the store. */
  reset(): Promise<void>;
  /** The command line that builds a folder, using what the store has in its cache. */
  command(folder: string): readonly string[];
  /** Builds once and answers the longest time the main thread's event loop was held, in ms; only ours has one. */
  loopHold?(folder: string): Promise<number>;
}

/** Slipway as it is installed: one process a build, start-up included. `cli` is the built command line. */
export function slipway(cli: string, node: string, folder: string): Builder {
  const store = join(folder, 'slipway');
  const report = join(folder, 'loop-hold');
  const monitor = pathToFileURL(join(import.meta.dirname, 'loop-monitor.ts')).href;
  const command = (context: string): readonly string[] => [
    ...[node, cli, '--store', store, 'build', '--quiet', '--tag', 'bench', context],
  ];
  return {
    name: 'slipway',
    reset: async () => rmSync(store, { recursive: true, force: true }),
    command,
    async loopHold(context) {
      await measure(command(context), { NODE_OPTIONS: `--import=${monitor}`, LOOP_HOLD_REPORT: report });
      return Number(readFileSync(report, 'utf8'));
    },
  };
}

/**
 * buildah with one of its storage drivers; undefined where it is not installed or where the driver does not work, which a
 * first build tells.
 */
export async function buildah(driver: 'overlay' | 'vfs', folder: string): Promise<Builder | undefined> {
  if (!onPath('buildah')) return undefined;
  const place = join(folder, `buildah-${driver}`);
  const base = [
    ...[
      'buildah',
      '--root',
      join(place, 'root'),
      '--runroot',
      join(place, 'run'),
      '--storage-driver',
      driver,
    ],
  ];
  const builder: Builder = {
    name: `buildah ${driver}`,
    async reset() {
      // Its own way of leaving: what is still mounted cannot be removed.
      await measure([...base, 'rmi', '--all', '--force']).catch(() => undefined);
      rmSync(place, { recursive: true, force: true });
    },
    // The lightest way it has to run commands.
    command: (context) => [
      ...base,
      ...['bud', '--quiet', '--layers', '--isolation', 'chroot', '--tag', 'bench', context],
    ],
  };
  const sample = join(folder, 'sample');
  mkdirSync(sample, { recursive: true });
  writeFileSync(join(sample, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  try {
    await measure(builder.command(sample));
    return builder;
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  } finally {
    await builder.reset();
  }
}

/**
 * BuildKit, where $SLIPWAY_BENCH_BUILDKIT is a command line that takes docker build's flags, such as
 * `docker -H unix:///run/docker.sock build`. Its store is not emptied.
 */
export function buildkit(): Builder | undefined {
  const words = process.env['SLIPWAY_BENCH_BUILDKIT']?.trim().split(/\s+/);
  if (words === undefined) return undefined;
  return {
    name: 'BuildKit',
    reset: () => Promise.resolve(),
    command: (context) => [...words, '--quiet', '--tag', 'bench', context],
  };
}
