#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

enableCompileCache();
// Imported only now: what is imported at the top would be compiled before the cache is in use.
const { runCommand } = await import('./cli/run.ts');
process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
});
