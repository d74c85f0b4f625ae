import { join } from 'node:path';
import { digestOf } from '../base/digest.ts';
import type { BindMount } from './definition.ts';
import { CONTENT, hashMount, planSource, selectMount, unpackEntries } from './mount-tree.ts';
import type { OperationContext } from './operation.ts';
import type { PreparedMounts } from './run-mount.ts';

/**
 * Files of a stage or an image are mounted as they lie in its layers; those of a folder of the machine are copied first, so that
 * the command never has the folder itself, nor anything that its links lead to. The key holds the content of what is shown.
 * Fails as selectMount, hashMount and unpackEntries do.
 */
export async function prepareBind(mount: BindMount, context: OperationContext): Promise<PreparedMounts> {
  const { type, target, from, readonly } = mount;
  const tree = await context.tree(from);
  const selected = selectMount(tree, mount.source, {
    step: context.step,
    isIgnored: (path) => context.isIgnored(from, path),
  });
  const source = await hashMount(selected, context.signal);
  const digest = digestOf(source.lines);
  return {
    options: [{ type, target, readonly }],
    parts: [{ kind: 'files', name: `files of ${tree.label} mounted on ${target}`, value: digest }],
    inputs: [{ digest, lines: source.lines, from, tree, roots: [source.path] }],
    async make(place) {
      const stack = context.layers(from);
      if (stack) return { mounts: [{ kind: 'stack', stack, path: source.path, target, readonly }] };
      await unpackEntries(planSource(source), place, context);
      return { mounts: [{ kind: 'bind', source: join(place, CONTENT), target, readonly }] };
    },
  };
}
