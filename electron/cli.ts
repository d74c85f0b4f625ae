#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addBuildCommand } from './cli/build-command.ts';
import { refuseFlags } from './cli/build-flags.ts';
import type { CommandContext } from './cli/command-context.ts';
import { addImageCommands } from './cli/image-commands.ts';
import { addParseCommand } from './cli/parse-command.ts';
import { addServeCommand } from './cli/serve-command.ts';
import { errorText } from './cli/show-error.ts';
import { storePath } from './cli/store-path.ts';
import { note, type Terminal } from './cli/streams.ts';
import { EngineError, isAbort } from './engine/base/errors.ts';
import { createEngine, type Engine } from './engine/engine.ts';

/** The exit code of a shell command ended by an interrupt. */
const INTERRUPTED = 130;

enableCompileCache();
process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
});

/** Runs one command line; answers the exit code: 0, 1 for anything that went wrong, 130 when interrupted. */
async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // A second interrupt means now.
    if (interrupt.signal.aborted) process.exit(INTERRUPTED);
    interrupt.abort(new DOMException('Interrupted.', 'AbortError'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  const program = new Command('slipway');
  let engine: Promise<Engine> | undefined;
  let exitCode = 0;
  const context: CommandContext = {
    terminal,
    store: () => storePath(program.opts<{ store?: string }>().store, terminal),
    engine: () => (engine ??= createEngine({ store: context.store() })),
    signal: interrupt.signal,
    fail: (code) => {
      exitCode = code;
    },
    readSource: (error) => readSource(error, terminal.cwd),
  };
  program
    .description('Builds container images with no Docker daemon.')
    .version(manifest.version)
    .option(
      '--store <folder>',
      'where images and cache are kept; default: $SLIPWAY_STORE or ~/.local/share/slipway',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    });
  addBuildCommand(program, context);
  addImageCommands(program, context);
  addParseCommand(program, context);
  addServeCommand(program, context);

  try {
    if (words.includes('build')) refuseFlags(words);
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (interrupt.signal.aborted || isAbort(error)) {
      note(terminal, 'Interrupted.');
      return INTERRUPTED;
    }
    note(terminal, errorText(error, await context.readSource(error)));
    return 1;
  } finally {
    await (await engine)?.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** The file an error points into, so that its lines can be shown. */
async function readSource(error: unknown, cwd: string): Promise<string | undefined> {
  if (!(error instanceof EngineError) || error.file === undefined || !error.range) return undefined;
  const path = isAbsolute(error.file) ? error.file : resolve(cwd, error.file);
  return readFile(path, 'utf8').catch(() => undefined);
}
