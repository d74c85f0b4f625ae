import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf } from '../base/digest.ts';
import { withParents } from '../layer/parent-entries.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import { selectionLines } from './copy-key.ts';
import type { CopyDefinition } from './definition.ts';
import { contentChain, type OperationContext, type PreparedOperation } from './operation.ts';
import { resolveOwner } from './owner.ts';
import { withPlaceAsync } from './place.ts';
import { planAdd } from './plan-add.ts';
import { planCopy, standsAlone } from './plan-copy.ts';
import { readSmallFile } from './read-small-file.ts';
import { selectSources } from './select-sources.ts';
import { selectedFiles, type Selection } from './selection.ts';
import { parentOf, parseSourcePath } from './source-path.ts';
import { storeLayer } from './store-layer.ts';
import { createUnpacker } from './unpack-archive.ts';

/**
 * COPY and ADD. The key holds the content of exactly the selected files, so that nothing else in the context matters;
 * with --link it does not hold what the step builds on.
 */
export async function prepareCopy(
  definition: CopyDefinition,
  context: OperationContext,
): Promise<PreparedOperation> {
  const { step, signal } = context;
  const tree = await context.tree(definition.from);
  const selection = selectSources(tree, definition, {
    ...step,
    isIgnored: (path) => context.isIgnored(definition.from, path),
  });
  const files = selectedFiles(selection);
  const hashes = await tree.digests(files, signal);
  const digests = new Map(files.map((file, i) => [file.path, hashes[i]!]));
  const lines = selectionLines(selection, digests);
  const inputs = digestOf(lines);
  const alone = standsAlone(definition);

  return {
    parts: [
      // Where the files come from does not matter, only what they are.
      { kind: 'operation', name: step.name, value: canonicalJson({ ...definition, from: undefined }) },
      ...(alone
        ? []
        : [
            {
              kind: 'base' as const,
              name: 'what the step builds on',
              value: contentChain(context.base.layers),
            },
          ]),
      { kind: 'files', name: `files of ${tree.label}`, value: inputs },
    ],
    inputs: [{ digest: inputs, lines, from: definition.from, tree, roots: rootsOf(selection, definition) }],
    async run() {
      const base = await context.base.view();
      const { chown } = definition;
      const owner =
        chown === undefined
          ? undefined
          : await withPlaceAsync(step, () => resolveOwner(chown, (path) => readSmallFile(base, path)));
      const createdAt = context.now();
      const options = {
        ...step,
        definition,
        selection,
        base,
        digests,
        owner,
        createdAt: Math.floor(createdAt.getTime() / 1000),
      };
      // Tools that unpack each layer by itself take a folder's metadata from the layer that names it last.
      const complete = (plan: readonly LayerPlanEntry[]): readonly LayerPlanEntry[] =>
        alone ? plan : withParents(plan, base);
      if (definition.op === 'copy') return storeLayer(complete(planCopy(options)), createdAt, context);
      await using unpacker = createUnpacker({ ...options, tree }, context);
      const plan = await planAdd({ ...options, probe: unpacker.probe, unpack: unpacker.unpack });
      // Awaited here: the archives must outlive the writing of the layer.
      return await storeLayer(complete(plan), createdAt, context);
    },
  };
}

/** Also of sources that select nothing now: something may have been there. */
function rootsOf({ roots }: Selection, { sources, parents }: CopyDefinition): readonly string[] {
  const selected = roots.map(({ entry }) => (entry.type === 'dir' ? entry.path : parentOf(entry.path)));
  const asked = sources.map((source) => parentOf(parseSourcePath(source, parents).root));
  return [...new Set([...selected, ...asked])];
}
