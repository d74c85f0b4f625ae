#!/usr/bin/env node
// @ts-check
/** The `slipway` command: the built command line on a Node that is new enough. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensurePackages, nodeBinary, root } from './setup.mjs';

ensurePackages();
ensureBuilt();
const cli = join(root, 'out', 'main', 'cli.js');
if (nodeBinary() === process.execPath) await import(cli);
else {
  const { status } = spawnSync(nodeBinary(), [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
