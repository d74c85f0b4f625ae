import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { displayText, familiarReference, formatBytes, formatRelative, shortId } from '../../shared/format.ts';
import type { CommandContext } from './command-context.ts';
import { note, print } from './streams.ts';
import { tableLines } from './table.ts';

/** `images`, `history`, `inspect`, `tag`, `rmi`, `save` and `load`. */
export function addImageCommands(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const printTable = (head: readonly string[], rows: readonly (readonly string[])[]): void =>
    tableLines(head, rows).forEach((line) => print(terminal, line));
  const printJson = (value: unknown): void => print(terminal, JSON.stringify(value, null, 2));

  program
    .command('images')
    .description('list the images of the store')
    .option('--json', 'print JSON')
    .option('-q, --quiet', 'print ids only')
    .action(async ({ json, quiet }: { json?: boolean; quiet?: boolean }) => {
      const images = await (await context.engine()).images.list();
      if (json) printJson(images);
      else if (quiet) images.forEach(({ config }) => print(terminal, config));
      else {
        const now = Date.now();
        printTable(
          ['REFERENCE', 'ID', 'PLATFORM', 'CREATED', 'SIZE'],
          images.flatMap((image) =>
            (image.references.length > 0 ? image.references.map(familiarReference) : ['<none>']).map(
              (reference) => [
                reference,
                shortId(image.config),
                image.platform,
                image.createdAt === undefined ? '–' : formatRelative(Date.parse(image.createdAt), now),
                formatBytes(image.size),
              ],
            ),
          ),
        );
      }
    });

  program
    .command('history')
    .description('show how an image came about, newest step first')
    .argument('<image>')
    .option('--json', 'print JSON')
    .option('--no-trunc', 'show the instructions in full')
    .action(async (text: string, { json, trunc }: { json?: boolean; trunc: boolean }) => {
      const { images } = await context.engine();
      const { history } = await images.get(images.find(text));
      if (json) return printJson(history);
      const now = Date.now();
      printTable(
        ['CREATED', 'SIZE', 'FILES', 'CREATED BY'],
        [...history]
          .reverse()
          .map((row) => [
            row.createdAt === undefined ? '–' : formatRelative(Date.parse(row.createdAt), now),
            row.emptyLayer ? '0 B' : formatBytes(row.size),
            row.files === undefined ? '' : String(row.files),
            displayText(row.createdBy, trunc ? 80 : 100_000),
          ]),
      );
    });

  program
    .command('inspect')
    .description('print everything about an image as JSON')
    .argument('<image>')
    .action(async (text: string) => {
      const { images } = await context.engine();
      printJson(await images.get(images.find(text)));
    });

  program
    .command('tag')
    .description('give an image another name')
    .argument('<image>')
    .argument('<name...>', 'as name[:tag]')
    .action(async (text: string, names: readonly string[]) => {
      const { images } = await context.engine();
      const id = images.find(text);
      for (const name of names) {
        const { reference, movedFrom } = await images.tag(id, name);
        if (movedFrom) note(terminal, `${familiarReference(reference)} was ${shortId(movedFrom)} before.`);
      }
    });

  program
    .command('rmi')
    .description('remove a name, or the image itself when its last name or its id is given')
    .argument('<image...>')
    .action(async (texts: readonly string[]) => {
      const { images } = await context.engine();
      for (const text of texts) {
        const id = images.find(text);
        const image = await images.get(id);
        const named = image.references.find(
          (reference) =>
            reference === text ||
            familiarReference(reference) === text ||
            familiarReference(reference) === `${text}:latest`,
        );
        if (named !== undefined && image.references.length > 1) {
          await images.untag(named);
          print(terminal, `Untagged ${familiarReference(named)}.`);
        } else {
          const { freed } = await images.remove(id);
          print(terminal, `Removed ${shortId(image.config)}, freed ${formatBytes(freed)}.`);
        }
      }
    });

  program
    .command('save')
    .description('write an image to an archive')
    .argument('<image>')
    .requiredOption('-o, --output <path>', 'the archive to write; - is standard output')
    .addOption(new Option('--format <format>', 'kind of archive').choices(['oci', 'docker']).default('oci'))
    .action(async (text: string, { output, format }: { output: string; format: 'oci' | 'docker' }) => {
      const { images } = await context.engine();
      const destination = output === '-' ? '-' : resolve(terminal.cwd, output);
      const { size } = await images.save(images.find(text), destination, format, { signal: context.signal });
      if (destination !== '-') note(terminal, `Wrote ${formatBytes(size)} to ${output}.`);
    });

  program
    .command('load')
    .description('bring in the images of an OCI or docker archive, or of an OCI layout folder')
    .argument('<path>')
    .option('--json', 'print JSON')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const { images } = await context.engine();
      const loaded = await images.load(resolve(terminal.cwd, path), { signal: context.signal });
      if (json) return printJson(loaded);
      const names = loaded.references.map(familiarReference);
      for (const line of names.length > 0 ? names : loaded.images) print(terminal, `Loaded ${line}`);
    });
}
