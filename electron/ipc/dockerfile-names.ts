import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^(?:(?:Dockerfile|Containerfile)(?:\..+)?|.+\.(?:Dockerfile|Containerfile))$/i;
const MAX_NAMES = 100;

/** Whether a file of this name is taken for a Dockerfile: `Dockerfile`, `Containerfile`, `Dockerfile.dev`, `dev.Dockerfile`. */
export function isDockerfileName(name: string): boolean {
  return NAME.test(name) && !/\.dockerignore$/i.test(name) && !name.includes('\ufffd');
}

/**
 * Names of the Dockerfiles directly in a folder, the usual names first, at most 100. The folder is read entry by entry, so
 * that one of any size can be dropped; nothing in it is opened.
 */
export async function listDockerfiles(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(folder)) {
    if (!isDockerfileName(entry.name)) continue;
    if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(folder, entry.name)))))
      names.push(entry.name);
    if (names.length >= MAX_NAMES) break;
  }
  return names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function rank(name: string): number {
  const usual = ['Dockerfile', 'Containerfile', 'dockerfile'].indexOf(name);
  return usual < 0 ? 3 : usual;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
