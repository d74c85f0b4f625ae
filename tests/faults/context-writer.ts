import {
  closeSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { seeded } from './build-project.ts';
import { PAGE, SIZE, versionOf } from './versions.ts';

/**
 * A thread that changes the files of a folder without end, in every way an editor or a compiler does: written again,
 * overwritten in place with as many bytes, truncated, replaced, removed and made anew.
 */
const { folder, files, seed, stop } = workerData as {
  readonly folder: string;
  readonly files: readonly string[];
  readonly seed: number;
  /** One Int32: not 0 once it shall end. */
  readonly stop: SharedArrayBuffer;
};

const flag = new Int32Array(stop);
const random = seeded(seed);
const changes: readonly ((path: string, version: number, size: number) => void)[] = [
  (path, version, size) => writeFileSync(path, versionOf(version, 1 + Math.floor(random() * size))),
  (path, version) => {
    const size = statSync(path).size;
    // Nobody can tell how far a larger write in place has come, when its writer is stopped in the middle.
    if (size > PAGE) return;
    const file = openSync(path, 'r+');
    writeSync(file, versionOf(version, size), 0, size, 0);
    closeSync(file);
  },
  (path) => truncateSync(path, Math.floor(random() * statSync(path).size)),
  (path, version, size) => {
    writeFileSync(`${path}.new`, versionOf(version, size));
    renameSync(`${path}.new`, path);
  },
  (path, version, size) => {
    rmSync(path);
    Atomics.wait(flag, 0, 0, 1);
    writeFileSync(path, versionOf(version, size));
  },
];

for (let version = 1; Atomics.load(flag, 0) === 0; version++) {
  const which = Math.floor(random() * files.length);
  const change = changes[Math.floor(random() * changes.length)]!;
  change(join(folder, files[which]!), version, which % 2 === 0 ? PAGE : SIZE);
  Atomics.wait(flag, 0, 0, random() * 30);
}
