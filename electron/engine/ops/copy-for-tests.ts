import { memoryTree, type MemoryNode } from '../layer/memory-tree.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import type { CopyDefinition, InlineFile } from './definition.ts';
import { resolveOwner } from './owner.ts';
import { planAdd, type AddPlanOptions } from './plan-add.ts';
import { planCopy } from './plan-copy.ts';
import { readSmallFile } from './read-small-file.ts';
import { selectSources } from './select-sources.ts';
import { selectedFiles, type Selection } from './selection.ts';

type Nodes = Readonly<Record<string, MemoryNode>>;

/** What a line is run on, for tests. */
export interface CopyCase extends Partial<Pick<AddPlanOptions, 'probe' | 'unpack'>> {
  readonly source?: Nodes;
  readonly base?: Nodes;
  readonly inline?: readonly InlineFile[];
  readonly isIgnored?: (path: string) => boolean;
}

/** Where tests say that the instruction stands. */
export const TEST_PLACE = {
  file: 'Dockerfile',
  range: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 20 },
};

/** Seconds that plans in tests are made at. */
export const TEST_TIME = 1_700_000_000;

/** A COPY or ADD line, with flags, as a definition; words are split at blanks. For tests. */
export function parseCopyLine(line: string, inline: readonly InlineFile[] = []): CopyDefinition {
  const [keyword, ...words] = line.split(' ');
  const flags = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const value = (name: string): string | undefined =>
    flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);
  const [chown, chmod, unpack] = ['chown', 'chmod', 'unpack'].map(value);
  return {
    op: keyword === 'ADD' ? 'add' : 'copy',
    from: { kind: 'context' },
    sources: paths.slice(0, -1),
    inline,
    destination: paths.at(-1)!,
    ...(chown === undefined ? {} : { chown }),
    ...(chmod === undefined ? {} : { chmod }),
    link: flags.includes('--link'),
    parents: flags.includes('--parents'),
    exclude: flags.filter((flag) => flag.startsWith('--exclude=')).map((flag) => flag.slice(10)),
    ...(unpack === undefined ? {} : { unpack: unpack === 'true' }),
  };
}

/** What a line selects from a tree of these nodes. For tests. */
export function selectLine(line: string, { source = {}, inline, isIgnored }: CopyCase): Selection {
  return selectSources(memoryTree(source), parseCopyLine(line, inline), {
    ...TEST_PLACE,
    ...(isIgnored === undefined ? {} : { isIgnored }),
  });
}

/** The layer that a line makes. For tests. */
export async function planLine(line: string, options: CopyCase): Promise<LayerPlanEntry[]> {
  const definition = parseCopyLine(line, options.inline);
  const base = memoryTree(options.base ?? {}, 'stage "app"');
  const selection = selectLine(line, options);
  const files = selectedFiles(selection);
  const hashes = await selection.tree.digests(files);
  const plan = {
    ...TEST_PLACE,
    definition,
    selection,
    base,
    digests: new Map(files.map((file, i) => [file.path, hashes[i]!])),
    owner:
      definition.chown === undefined
        ? undefined
        : await resolveOwner(definition.chown, (path) => readSmallFile(base, path)),
    createdAt: TEST_TIME,
  };
  if (definition.op === 'copy') return planCopy(plan);
  const { probe = async () => undefined, unpack = async () => [] } = options;
  return planAdd({ ...plan, probe, unpack });
}

/** A plan as lines `type mode uid:gid path -> link`. For tests. */
export function listing(plan: readonly LayerPlanEntry[]): string[] {
  return plan.map(({ type, mode, uid, gid, path, linkname, device }) =>
    [
      type,
      mode.toString(8),
      `${uid}:${gid}`,
      path,
      ...(linkname === undefined ? [] : ['->', linkname]),
      ...(device === undefined ? [] : [device.join(',')]),
    ].join(' '),
  );
}
