import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import type { KeptStep } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { Shells } from '../engine/debug/shells.ts';
import type { CommandContext } from './command-context.ts';

interface DebugFlags {
  readonly step?: string;
  readonly before?: boolean;
  readonly root?: boolean;
}

/** `slipway debug`: a shell in a step that failed; its exit code is the command's. */
export function addDebugCommand(program: Command, context: CommandContext): void {
  program
    .command('debug')
    .usage('[options] [build] [-- command…]')
    .description('open a shell in a failed step, with the files as its command left them')
    .argument('[words...]', 'the build’s id, or how it begins; default: the last that failed')
    .option('--step <id>', 'which step, as builder/3; default: the first that failed')
    .option('--before', 'with the files as they were before the command')
    .option('--root', 'as root instead of the step’s user')
    .action(async (words: readonly string[], { step, before, root }: DebugFlags) => {
      const { build, command } = splitWords(words, context.words);
      const { debug } = await context.engine();
      const { stdin, stdout } = process;
      const isTerminal = stdin.isTTY && stdout.isTTY;
      const restore = isTerminal ? terminalMode() : undefined;
      try {
        const code = await debug.open(
          findKept(debug.list(), build).buildId,
          {
            when: before ? 'before' : 'after',
            ...{ step, root, command },
            io: isTerminal
              ? { kind: 'terminal', size: { columns: stdout.columns, rows: stdout.rows } }
              : { kind: 'streams' },
          },
          context.signal,
        );
        if (code !== 0) context.fail(code);
      } finally {
        restore?.();
      }
    });
}

/** What stands before `--` among the arguments, and what after it. */
function splitWords(
  args: readonly string[],
  words: readonly string[],
): { readonly build: string | undefined; readonly command: readonly string[] | undefined } {
  const dashes = words.indexOf('--');
  const after = dashes < 0 ? 0 : words.length - dashes - 1;
  const [build, ...more] = args.slice(0, args.length - after);
  if (more.length > 0) {
    throw new EngineError('ARGUMENTS', 'There are more arguments than the command takes.', {
      hint: 'A command that is to be run comes after --: slipway debug BUILD -- COMMAND',
    });
  }
  return { build, command: after === 0 ? undefined : args.slice(-after) };
}

/** The last build of which something is kept, or the one whose id begins so. */
function findKept(kept: ReturnType<Shells['list']>, build: string | undefined): KeptStep {
  const last = kept.at(-1);
  if (last === undefined) {
    throw new EngineError('SHELL_NOTHING_KEPT', 'No failed step is kept.', {
      hint: 'What a failed command left is kept until the next build of its project.',
    });
  }
  if (build === undefined) return last;
  const found = kept.filter(({ buildId }) => buildId.startsWith(build));
  const ids = new Set(found.map(({ buildId }) => buildId));
  if (ids.size === 1) return found[0]!;
  if (ids.size > 1) {
    throw new EngineError('SHELL_AMBIGUOUS', `Several builds have an id that begins with ${build}.`, {
      hint: `They are ${[...ids].join(', ')}.`,
    });
  }
  throw new EngineError('SHELL_NOTHING_KEPT', `Nothing is kept of a build ${build}.`, {
    hint: `Something is kept of ${[...new Set(kept.map(({ buildId }) => buildId))].join(', ')}.`,
  });
}

/** Remembers the mode of the terminal; a shell that is killed leaves it without echo. */
function terminalMode(): () => void {
  const stty = (word: string): string =>
    execFileSync('stty', [word], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' }).trim();
  const mode = stty('-g');
  return () => void stty(mode);
}
