import { existsSync, lstatSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** A Debian archive and the suite of it that a machine lives on. */
interface Archive {
  readonly uri: string;
  readonly suite: string;
}

/** A cached system older than this is made again, with today's packages. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;

/**
 * A tar of the smallest Debian, made by debootstrap from the archive that this machine's apt uses, and changed as the official
 * images are: no caches, no package lists, no devices. It takes half a minute and is kept in the temporary directory; of
 * several tests that ask at once one makes it.
 */
export async function debianTar(): Promise<string> {
  const archive = await machineArchive();
  const cache = join(tmpdir(), `slipway-test-bases-${process.getuid!()}`);
  await mkdir(cache, { mode: 0o700 }).catch(() => undefined);
  const { uid, mode } = lstatSync(cache);
  if (uid !== process.getuid!() || (mode & 0o022) !== 0)
    throw new Error(`${cache} belongs to somebody else.`);
  const tar = join(cache, `debian-${archive.suite}-${process.arch}.tar`);
  if (isFresh(tar)) return tar;
  // Held until the command ends, so that a killed test leaves no lock.
  const worker = [process.execPath, import.meta.filename, archive.uri, archive.suite, tar] as const;
  await run('flock', join(cache, 'lock'), ...worker);
  return tar;
}

function isFresh(tar: string): boolean {
  return existsSync(tar) && Date.now() - lstatSync(tar).mtimeMs < MAX_AGE_MS;
}

async function makeTar({ uri, suite }: Archive, tar: string): Promise<void> {
  if (isFresh(tar)) return;
  const place = await mkdtemp(join(tmpdir(), 'slipway-debootstrap-'));
  try {
    const root = join(place, 'root');
    await run('debootstrap', '--variant=minbase', suite, root, uri);
    await empty(join(root, 'dev'));
    for (const folder of ['var/cache/apt', 'var/lib/apt/lists', 'var/log'])
      await run('find', join(root, folder), '-type', 'f', '-delete');
    // Machine's own, and what every runtime mounts on.
    for (const name of ['hostname', 'hosts', 'resolv.conf']) await writeFile(join(root, 'etc', name), '');
    await writeFile(join(root, 'etc/apt/apt.conf.d/docker-clean'), APT_SETTINGS);
    const flags = ['--numeric-owner', '--xattrs', '--sort=name', '--one-file-system'];
    await run('tar', ...flags, '-C', root, '-cf', join(place, 'tar'), '.');
    // Not renamed: the cache may lie on another file system.
    await run('cp', join(place, 'tar'), `${tar}.new`);
    await rename(`${tar}.new`, tar);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Packages are not kept, nor are apt's binary caches, which hold times; descriptions are not translated. */
const APT_SETTINGS = `APT::Keep-Downloaded-Packages "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
`;

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** From /etc/apt, in both of its formats. */
async function machineArchive(): Promise<Archive> {
  const suite = /^VERSION_CODENAME=(\S+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(await readdir(folder)).sort().map((name) => join(folder, name)),
  ];
  for (const file of files.filter((path) => existsSync(path))) {
    const text = await readFile(file, 'utf8');
    const entries = file.endsWith('.sources')
      ? text.split(/\n{2,}/).flatMap(fromStanza)
      : text.split('\n').flatMap(fromLine);
    const found = entries.find((entry) => entry.suite === suite);
    if (found) return found;
  }
  throw new Error('There is no archive of this Debian in /etc/apt.');
}

function fromStanza(stanza: string): readonly Archive[] {
  const field = (name: string): readonly string[] =>
    new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(stanza)?.[1]?.split(/\s+/) ?? [];
  const [uri] = field('URIs');
  return uri === undefined ? [] : field('Suites').map((suite) => ({ uri, suite }));
}

function fromLine(line: string): readonly Archive[] {
  const [, uri, suite] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+:\/\/\S+)\s+(\S+)\s/.exec(line) ?? [];
  return uri === undefined || suite === undefined ? [] : [{ uri, suite }];
}

if (process.argv[1] === import.meta.filename) {
  const [uri, suite, tar] = process.argv.slice(2) as [string, string, string];
  await makeTar({ uri, suite }, tar);
}
