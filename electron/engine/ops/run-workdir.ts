import { canonicalJson } from '../base/canonical-json.ts';
import { withParents } from '../layer/parent-entries.ts';
import type { WorkdirDefinition } from './definition.ts';
import { contentChain, type OperationContext, type PreparedOperation } from './operation.ts';
import { resolveOwner } from './owner.ts';
import { withPlaceAsync } from './place.ts';
import { planWorkdir } from './plan-workdir.ts';
import { readSmallFile } from './read-small-file.ts';
import { storeLayer } from './store-layer.ts';

/** WORKDIR: makes the missing part of a path, owned by the user in force (BuildKit's rule). */
export async function prepareWorkdir(
  definition: WorkdirDefinition,
  context: OperationContext,
): Promise<PreparedOperation> {
  return {
    parts: [
      { kind: 'operation', name: context.step.name, value: canonicalJson(definition) },
      { kind: 'base', name: 'what the step builds on', value: contentChain(context.base.layers) },
    ],
    inputs: [],
    async run() {
      const base = await context.base.view();
      const owner = await withPlaceAsync(context.step, () =>
        resolveOwner(definition.user, (path) => readSmallFile(base, path)),
      );
      const createdAt = context.now();
      const plan = planWorkdir({
        path: definition.path,
        owner,
        base,
        createdAt: Math.floor(createdAt.getTime() / 1000),
        ...context.step,
      });
      return storeLayer(withParents(plan, base), createdAt, context);
    },
  };
}
