import { resolve } from 'node:path';
import type { Command } from 'commander';
import { displayText } from '../../shared/format.ts';
import { dockerfileAt } from '../engine/context/dockerfile-file.ts';
import { parseDockerfile } from '../engine/dockerfile/parse.ts';
import type { CommandContext } from './command-context.ts';
import { print } from './streams.ts';

/** `slipway parse`: what the frontend makes of a Dockerfile; for editors and tests. */
export function addParseCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('parse')
    .description('check a Dockerfile and print its stages')
    .argument('<file>')
    .option('--json', 'print every instruction with its place as JSON')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const dockerfile = parseDockerfile(await dockerfileAt(resolve(terminal.cwd, file), file).read(), file);
      if (json) return print(terminal, JSON.stringify({ ...dockerfile, text: undefined }, null, 2));
      for (const { code, message, range } of dockerfile.warnings) {
        print(terminal, `warning: ${file}:${range.startLine}: ${message} (${code})`);
      }
      for (const stage of dockerfile.stages) {
        const name = stage.name === undefined ? '' : ` AS ${stage.name}`;
        print(
          terminal,
          `${stage.index}: FROM ${displayText(stage.from.image)}${name}, ${stage.instructions.length} instructions`,
        );
      }
    });
}
