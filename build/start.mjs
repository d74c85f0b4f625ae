// @ts-check
/**
 * `npm start`: puts in place what is missing, then opens the app, or runs the command line with the words given.
 * Where Electron or a display is missing the same application is served to a browser instead.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureBuilt,
  ensurePackages,
  ensureSystemPackages,
  nodeBinary,
  projectEnvironment,
  root,
  run,
  say,
} from './setup.mjs';

/** What RUN uses; everything else works without them, so that their absence holds nothing up. */
const RUN_PACKAGES = [
  { command: 'crun', package: 'crun', why: 'runs the commands of RUN' },
  { command: 'tar', package: 'tar', why: 'unpacks layers for RUN' },
  { command: 'unshare', package: 'util-linux', why: 'keeps the commands of RUN apart' },
];

ensurePackages();
if (process.platform === 'linux') ensureSystemPackages(RUN_PACKAGES, false);
ensureBuilt();

const words = process.argv.slice(2);
const cli = [join(root, 'out', 'main', 'cli.js')];
if (words.length > 0) hand(nodeBinary(), [...cli, ...words]);
else {
  const hindrance = displayHindrance() ?? electronHindrance();
  if (hindrance === undefined) hand(electronBinary(), [root]);
  else {
    say(`${hindrance} Opening Slipway in a browser instead.`);
    hand(nodeBinary(), [...cli, 'serve']);
  }
}

/** Becomes that process as far as Node can: same terminal, same signals, same exit code. @param {string} command @param {string[]} args */
function hand(command, args) {
  // npm runs scripts in the package's folder; paths the person typed are relative to where npm was called.
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  const child = spawn(command, args, { cwd, stdio: 'inherit', env: projectEnvironment() });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    say(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function displayHindrance() {
  if (process.platform !== 'linux') return undefined;
  if (process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) return undefined;
  return 'There is no display here.';
}

/** Electron's own installer fetches its binary at first start; without network that fails, and the app is served. */
function electronHindrance() {
  if (existsSync(electronBinary())) return undefined;
  say('Fetching Electron (about 120 MB, once) …');
  run(nodeBinary(), [join(root, 'node_modules', 'electron', 'install.js')], {
    stdio: 'ignore',
    timeout: 600_000,
  });
  return existsSync(electronBinary()) ? undefined : 'Electron’s binary could not be fetched.';
}

function electronBinary() {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules', 'electron', 'dist');
  const name =
    process.platform === 'darwin'
      ? 'Electron.app/Contents/MacOS/Electron'
      : process.platform === 'win32'
        ? 'electron.exe'
        : 'electron';
  return join(folder, name);
}
