import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { displayText, formatBytes, formatRelative, shortId } from '../../shared/format.ts';
import type { StorageUsage } from '../../shared/storage.ts';
import { countWords, KIND_WORDS, reportSentence } from '../../shared/storage-words.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { CommandContext } from './command-context.ts';
import { parsePrune, type PruneFlags } from './prune-flags.ts';
import { note, print } from './streams.ts';
import { tableLines } from './table.ts';

interface PruneCommandFlags extends PruneFlags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `du` and `prune`: what takes room in the store, and clean-up. */
export function addStorageCommands(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command('du')
    .description('show what takes room in the store')
    .option('-v, --verbose', 'every single thing, largest first')
    .option('--json', 'print JSON')
    .action(async ({ verbose, json }: { verbose?: boolean; json?: boolean }) => {
      const usage = await (await context.engine()).storage.usage(context.signal);
      if (json) return print(terminal, JSON.stringify(usage, null, 2));
      usageLines(usage).forEach((line) => print(terminal, line));
      if (verbose) ['', ...itemLines(usage, Date.now())].forEach((line) => print(terminal, line));
    });

  program
    .command('prune')
    .description('remove what was not used for long, images without a name, and old build logs')
    .option('-a, --all', 'everything that no named image and no running build needs, and all build logs')
    .option(
      '--filter <until=time>',
      'only what was not used since, as until=24h; may be given again',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--max-size <bytes>', 'remove what was unused longest until the store is no larger, as 20GB')
    .option('--keep-days <days>', 'remove what was not used for so many days')
    .option('--dry-run', 'only say what would go')
    .option('-f, --force', 'do not ask')
    .option('--json', 'print JSON')
    .action((flags: PruneCommandFlags) => prune(flags, context));
}

async function prune(flags: PruneCommandFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const { storage } = await context.engine();
  const rules = parsePrune(flags, await storage.policy(), new Date());
  const dryRun = flags.dryRun ?? false;
  if (!dryRun && !flags.force) {
    if (!process.stdin.isTTY) {
      throw new EngineError('PRUNE_UNCONFIRMED', 'Nothing was removed: nobody is here to be asked.', {
        hint: 'Add --force to remove without a question, or --dry-run to see what would go.',
      });
    }
    const told = await storage.prune(rules, { dryRun: true, signal });
    for (const each of told.kinds) note(terminal, `${KIND_WORDS[each.kind]}: ${countWords(each)}`);
    note(terminal, reportSentence(told));
    if (told.kinds.length === 0 || !(await confirm('Remove it? It cannot be undone. [y/N] ', signal))) return;
  }
  const report = await storage.prune(rules, { dryRun, signal });
  if (flags.json) return print(terminal, JSON.stringify(report, null, 2));
  for (const each of report.kinds) print(terminal, `${KIND_WORDS[each.kind]}: ${countWords(each)}`);
  print(terminal, reportSentence(report));
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(question, { signal })).trim());
  } finally {
    reader.close();
  }
}

/** The kinds as a table, with their sum. */
export function usageLines({ kinds, total, images }: StorageUsage): readonly string[] {
  const rows = kinds.map(({ kind, count, bytes, reclaimable }) => [
    KIND_WORDS[kind].toUpperCase(),
    kind === 'other' ? '' : String(count),
    formatBytes(bytes),
    kind === 'other' ? '' : formatBytes(reclaimable),
  ]);
  const all = kinds.reduce((sum, { reclaimable }) => sum + reclaimable, 0);
  const table = tableLines(
    ['TYPE', 'COUNT', 'SIZE', 'RECLAIMABLE'],
    [...rows, ['TOTAL', '', formatBytes(total), formatBytes(all)]],
  );
  const { unique, shared } = images;
  return [
    ...table,
    '',
    `Of the images, ${formatBytes(shared)} are shared between them, ${formatBytes(unique)} are not.`,
  ];
}

function itemLines({ items }: StorageUsage, now: number): readonly string[] {
  return tableLines(
    ['TYPE', 'ID', 'SIZE', 'LAST USED', 'NAME'],
    items.map(({ kind, id, name, bytes, usedAt, inUse }) => [
      KIND_WORDS[kind].toUpperCase(),
      kind === 'builds' || kind === 'failedSteps' ? displayText(id, 60) : shortId(id),
      formatBytes(bytes),
      inUse ? 'in use' : usedAt === undefined ? '–' : formatRelative(usedAt, now),
      displayText(kind === 'snapshots' ? shortId(name) : name, 100),
    ]),
  );
}
