// @ts-check
/**
 * `node build/as-normal-user.mjs [--single] COMMAND…`: runs a command as a user made for it alone, with or without a range of
 * subordinate ids, in this checkout, and takes the user away again. Needs root and Linux. The user's home is the one folder
 * that it can write to; the checkout is seen at another path, because those above it may be closed to others, and the command's
 * words name it there.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const words = process.argv.slice(2);
const single = words[0] === '--single' && words.shift() !== undefined;
const name = `slipway-${randomBytes(4).toString('hex')}`;
const place = mkdtempSync(join(tmpdir(), `${name}-`));
const home = join(place, 'home');
const checkout = join(place, 'checkout');

/** @param {string} command @param {readonly string[]} args */
const must = (command, ...args) => {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? error?.message}`);
};

let code = 1;
try {
  chmodSync(place, 0o755);
  mkdirSync(checkout);
  must('useradd', '--create-home', '--home-dir', home, '--shell', '/bin/sh', name);
  const [first, count] = rangeOf('/etc/subuid') ?? [];
  if (single && first !== undefined && count !== undefined) {
    const range = `${first}-${first + count - 1}`;
    must('usermod', '--del-subuids', range, '--del-subgids', range, name);
  } else if (!single && first === undefined) {
    must('usermod', '--add-subuids', '400000-465535', '--add-subgids', '400000-465535', name);
  }
  const script = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"';
  const as = ['setpriv', `--reuid=${name}`, `--regid=${name}`, '--init-groups', '--'];
  const environment = ['env', `HOME=${home}`, `USER=${name}`, `TMPDIR=${home}`, `SLIPWAY_USER_HOME=${home}`];
  const { status } = spawnSync(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', root, checkout],
      ...[...as, ...environment, ...words.map((word) => word.replaceAll(`${root}/`, `${checkout}/`))],
    ],
    { stdio: 'inherit' },
  );
  code = status ?? 1;
} finally {
  spawnSync('userdel', [name], { stdio: 'ignore' });
  rmSync(place, { recursive: true, force: true });
}
process.exit(code);

/** The first range of the user: where it starts, and how long it is. @param {string} file */
function rangeOf(file) {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [who, first, count] = line.split(':');
    if (who === name) return [Number(first), Number(count)];
  }
  return undefined;
}
