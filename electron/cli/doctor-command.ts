import type { Command } from 'commander';
import type { Check } from '../../shared/contract.ts';
import { displayText } from '../../shared/format.ts';
import type { CommandContext } from './command-context.ts';
import { print } from './streams.ts';
import { tableLines } from './table.ts';

/** `doctor`: what RUN needs of this machine, and what to do where it lacks something. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command('doctor')
    .description('say what works on this machine, what is missing, and what puts it right')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const checks = await (await context.engine()).check();
      if (json) print(terminal, JSON.stringify(checks, null, 2));
      else doctorLines(checks).forEach((line) => print(terminal, line));
      if (checks.some((check) => check.state === 'missing')) context.fail(1);
    });
}

/** The checks as a table, then the commands that fix what is not as it should be, each once. */
export function doctorLines(checks: readonly Check[]): readonly string[] {
  const table = tableLines(
    ['STATE', 'CHECK', 'FOUND'],
    checks.map(({ state, name, detail }) => [state, displayText(name, 100), displayText(detail, 500)]),
  );
  const fixes = [...Map.groupBy(checks, (check) => check.fix)].flatMap(([fix, fixed]) =>
    fix === undefined
      ? []
      : [`  ${displayText(fix, 500)}  # ${fixed.map(({ name }) => displayText(name, 100)).join(', ')}`],
  );
  return fixes.length === 0 ? table : [...table, '', 'To put it right:', ...fixes];
}
