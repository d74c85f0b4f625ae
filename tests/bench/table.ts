import type { Cost } from './measure.ts';

/** What one builder did with one workload. */
export interface Row {
  readonly builder: string;
  readonly operation: string;
  readonly costs: readonly Cost[];
  /** In ms; see Builder.loopHold. */
  readonly loopHold?: number;
  /** Why there are no costs. */
  readonly failure?: string;
}

const COLUMNS = ['builder', 'build', 'wall s', 'processor s', 'memory MB', 'written MB', 'loop held ms'];

/** The rows as a table in Markdown, each figure the median of its runs. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.builder, row.operation, ...figures(row)]);
  const widths = COLUMNS.map((column, i) => Math.max(column.length, ...cells.map((line) => line[i]!.length)));
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [COLUMNS, rule, ...cells].map(format).join('\n');
}

function figures({ costs, loopHold, failure }: Row): string[] {
  if (failure !== undefined) return ['fails', '', '', '', ''];
  const of = (key: keyof Cost): number => median(costs.map((cost) => cost[key]));
  return [
    of('wall').toFixed(2),
    of('processor').toFixed(2),
    (of('memory') / 1e6).toFixed(0),
    (of('written') / 1e6).toFixed(1),
    loopHold === undefined ? '' : loopHold.toFixed(0),
  ];
}

/** The middle value; of an even number the lower one of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
