#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// In a folder of this user's own: whoever can write there decides what runs.
const caches = process.env['XDG_CACHE_HOME'];
enableCompileCache(join(caches?.startsWith('/') ? caches : join(homedir(), '.cache'), 'slipway', 'compiled'));
// Imported only now: what is imported at the top would be compiled before the cache is in use.
const { runCommand } = await import('./cli/run.ts');
process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
});
