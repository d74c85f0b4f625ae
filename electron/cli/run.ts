import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { EngineError, isAbort } from '../engine/base/errors.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { addBuildCommand } from './build-command.ts';
import { refuseFlags } from './build-flags.ts';
import type { CommandContext } from './command-context.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addDebugCommand } from './debug-command.ts';
import { addExplainCommand } from './explain-command.ts';
import { addImageCommands } from './image-commands.ts';
import { addParseCommand } from './parse-command.ts';
import { addRegistryCommands } from './registry-commands.ts';
import { addServeCommand } from './serve-command.ts';
import { errorText } from './show-error.ts';
import { addStorageCommands } from './storage-commands.ts';
import { storePath } from './store-path.ts';
import { note, type Terminal } from './streams.ts';
import { addWatchCommand } from './watch-command.ts';
import { usageError } from './usage-error.ts';

/** The exit code of a shell command ended by an interrupt. */
const INTERRUPTED = 130;

/**
 * Runs one command line, the words after `slipway`; answers the exit code: 0, 1 for anything that went wrong, 130 when
 * interrupted, a shell's own. What went wrong is on standard error, as errorText has it. Listens to SIGINT and SIGTERM meanwhile.
 */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // A second interrupt means now.
    if (interrupt.signal.aborted) process.exit(INTERRUPTED);
    interrupt.abort(new DOMException('Interrupted.', 'AbortError'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  const program = new Command('slipway');
  let opening: Promise<Engine> | undefined;
  let exitCode = 0;
  const context: CommandContext = {
    terminal,
    words,
    store: () => storePath(program.opts<{ store?: string }>().store, terminal),
    engine: (options = {}) =>
      (opening ??= createEngine({
        store: context.store(),
        environment: terminal.environment,
        ...options,
      })),
    signal: interrupt.signal,
    fail: (code) => {
      exitCode = code;
    },
    readSource: (error, folder = terminal.cwd) => readSource(error, folder),
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
      // Errors are shown below, in one form for all.
      outputError: () => undefined,
    });
  addBuildCommand(program, context);
  addImageCommands(program, context);
  addRegistryCommands(program, context);
  addExplainCommand(program, context);
  addDoctorCommand(program, context);
  addDebugCommand(program, context);
  addStorageCommands(program, context);
  addParseCommand(program, context);
  addWatchCommand(program, context);
  addServeCommand(program, context);

  try {
    if (words.includes('build') || words.includes('watch')) refuseFlags(words);
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const asked = program.commands.map((command) => command.name()).find((name) => words.includes(name));
      if (error.code !== 'commander.help') note(terminal, errorText(usageError(error, asked)));
      return 1;
    }
    if (interrupt.signal.aborted || isAbort(error)) {
      note(terminal, 'Interrupted.');
      return INTERRUPTED;
    }
    note(terminal, errorText(error, await context.readSource(error)));
    return 1;
  } finally {
    // A store that could not be opened has been reported.
    const engine = await opening?.catch(() => undefined);
    await engine?.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** The file an error points into, so that its lines can be shown. */
async function readSource(error: unknown, folder: string): Promise<string | undefined> {
  if (!(error instanceof EngineError) || error.file === undefined || !error.range) return undefined;
  const path = isAbsolute(error.file) ? error.file : resolve(folder, error.file);
  return readFile(path, 'utf8').catch(() => undefined);
}
