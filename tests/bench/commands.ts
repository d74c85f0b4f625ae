import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builders.ts';
import { CommandFailed, wallTime } from './measure.ts';
import { median } from './table.ts';

/** What RUN itself costs: nothing is changed by the command, and what it builds on is in the store. */
interface CommandRow {
  readonly builder: string;
  /** Milliseconds: of one RUN among others, and of a whole build with one. */
  readonly command: number;
  readonly build: number;
  readonly failure?: string;
}

const FEW = 1;
const MANY = 11;

/**
 * Times builds with one RUN and with eleven, each as a whole process, `rounds` times; the difference says what one costs. Every
 * command is a new one, so that no cache knows it.
 */
export async function benchmarkCommands(
  builder: Builder,
  folder: string,
  rounds: number,
): Promise<CommandRow> {
  mkdirSync(folder, { recursive: true });
  copyFileSync('/bin/busybox', join(folder, 'sh'));
  writeFileSync(join(folder, '.dockerignore'), '*\n!sh\n');
  const time = (commands: number): Promise<number> => {
    const lines = Array.from({ length: commands }, () => `RUN : ${process.pid} ${count++}\n`);
    writeFileSync(join(folder, 'Dockerfile'), `FROM scratch\nCOPY sh /bin/sh\n${lines.join('')}`);
    return wallTime(builder.command(folder));
  };
  const builds: number[] = [];
  const differences: number[] = [];
  try {
    await time(FEW);
    for (let round = 0; round < rounds; round++) {
      const few = await time(FEW);
      builds.push(few);
      differences.push(((await time(MANY)) - few) / (MANY - FEW));
    }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { builder: builder.name, command: NaN, build: NaN, failure: error.message };
  } finally {
    await builder.reset();
  }
  return { builder: builder.name, command: median(differences) * 1000, build: median(builds) * 1000 };
}
let count = 0;

const COLUMNS = ['builder', 'one RUN, ms', 'build with one RUN, ms'];

/** The rows as a table in Markdown. */
export function formatCommands(rows: readonly CommandRow[]): string {
  const cells = rows.map(({ builder, command, build, failure }) =>
    failure === undefined ? [builder, command.toFixed(0), build.toFixed(0)] : [builder, 'fails', ''],
  );
  const widths = COLUMNS.map((column, i) => Math.max(column.length, ...cells.map((line) => line[i]!.length)));
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [COLUMNS, rule, ...cells].map(format).join('\n');
}
