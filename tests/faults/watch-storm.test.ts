import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { systemClock } from '../../electron/watcher/clock.ts';
import { watchFolder } from '../support/watched-folder.ts';

const FILES = 50_000;
const FOLDERS = 500;
const MOST_MEMORY = 400 * 2 ** 20;

/** Makes the files from another thread, as fast as it can. */
const STORM = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  const { root, files, folders } = require('node:worker_threads').workerData;
  for (let i = 0; i < files; i++) {
    const folder = root + '/storm/' + (i % folders);
    if (i < folders) mkdirSync(folder, { recursive: true });
    writeFileSync(folder + '/file' + i, 'file ' + i);
  }
`;

test('50,000 files made in one go: one build after it, with all of them', { timeout: 300_000 }, async () => {
  await using watched = await watchFolder({
    clock: systemClock,
    prepare(folder) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    },
  });
  await watched.until(({ phase, unchanged }) => phase === 'watching' && unchanged);
  // The process of the test itself holds more than the application does.
  const before = residentMemory();
  let most = 0;
  const poll = setInterval(() => (most = Math.max(most, residentMemory() - before)), 20);
  const storm = new Worker(STORM, {
    eval: true,
    workerData: { root: watched.folder, files: FILES, folders: FOLDERS },
  });
  await new Promise((resolve) => storm.once('exit', resolve));
  const during = watched.builds.length;
  await watched.until(
    ({ phase, unchanged }) => phase === 'watching' && unchanged && watched.builds.length > during,
  );
  clearInterval(poll);
  const { summary } = watched.builds.at(-1)!;
  expect(summary?.outcome, summary?.error?.message).toBe('succeeded');
  expect(summary?.image?.id).toBe(await watched.fromScratch());
  console.log(
    `${watched.builds.length - 1} builds, ${during - 1} of them while it went on; ${Math.round(most / 2 ** 20)} MiB more memory than before`,
  );
  expect(watched.builds.length - during).toBe(1);
  expect(most).toBeLessThan(MOST_MEMORY);
});

function residentMemory(): number {
  const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]);
  return pages * 4096;
}
