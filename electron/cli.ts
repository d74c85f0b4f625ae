#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { runCommand } from './cli/run.ts';

enableCompileCache();
process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
});
