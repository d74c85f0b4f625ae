import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What builds with RUN may leave on a machine, looked for from outside: in /proc, in mounts, in control groups, in folders. */
export interface CensusOptions {
  /** Holds the store and the folder for temporary files; no other test's. */
  readonly place: string;
  /** A word that is in the arguments of every process that the commands start. */
  readonly marker: string;
}

/** Processes of the commands or of what runs them, and mounts on the place in whatever namespace. */
export function livingThings({ place, marker }: CensusOptions): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = readProc(pid, 'cmdline').replaceAll('\0', ' ').trim();
      const mounts = readProc(pid, 'mountinfo')
        .split('\n')
        .filter((line) => line.includes(place));
      const isOurs = words.includes(marker) || words.includes(place);
      return [
        ...(isOurs ? [`process ${pid}: ${words}`] : []),
        ...mounts.map((line) => `mount in ${pid}: ${line}`),
      ];
    });
}

/** Control groups that bear the name of one of these processes, and temporary files. */
export function leftovers({ place }: CensusOptions, pids: readonly number[]): readonly string[] {
  const groups = directories('/sys/fs/cgroup', 6).filter((path) =>
    pids.some((pid) => path.includes(`slipway-${pid}-`)),
  );
  const temporary = readdirSync(join(place, 'tmp')).map((name) => join('tmp', name));
  return [...groups, ...temporary];
}

/** What lies in the store's folders for work in progress, or in snapshots/ without being one. */
export function strayFiles(store: string): readonly string[] {
  const list = (folder: string): readonly string[] => {
    try {
      return readdirSync(join(store, folder));
    } catch {
      return [];
    }
  };
  return [
    ...list('ingest').map((name) => `ingest/${name}`),
    ...list('snapshots')
      .filter((name) => !/^[0-9a-f]{64}\.[0-9a-f]{32}(\.[a-z]+-\d+)?$/.test(name))
      .map((name) => `snapshots/${name}`),
  ];
}

/** Empty for a process that is gone, or a zombie. */
function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function directories(folder: string, depth: number): readonly string[] {
  if (depth === 0) return [];
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [join(folder, name), ...directories(join(folder, name), depth - 1)]);
  } catch {
    // It went while it was being read.
    return [];
  }
}
