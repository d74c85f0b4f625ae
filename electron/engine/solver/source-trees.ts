import type { BuildGraph, ResolvedImage } from '../graph/build-graph.ts';
import { familiarReference } from '../image/reference.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { TreeReference } from '../ops/definition.ts';
import type { Store } from '../store/store.ts';
import { rootFs, type RootFsWithView } from './root-fs.ts';

export interface SourceTreeOptions {
  readonly graph: BuildGraph;
  readonly store: Store;
  /** Images COPY --from reads, by imageRequestKey. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** The build context's tree; asked for only by steps that read it. */
  readonly context: () => Promise<FileTree>;
  /** The tree of a folder that a named build context stands for; likewise. */
  readonly named: (name: string) => Promise<FileTree>;
}

/** What COPY, ADD and mounts of one build read from. */
export interface SourceTrees {
  /** Undefined where it is a folder of this machine. */
  layers(reference: TreeReference): RootFsWithView | undefined;
  tree(reference: TreeReference): Promise<FileTree>;
}

/** `resultOf` answers the root filesystem of a step that is solved, of an empty one for undefined. */
export function sourceTrees(
  { graph, store, images, context, named }: SourceTreeOptions,
  resultOf: (step: string | undefined) => RootFsWithView,
): SourceTrees {
  const imageTrees = new Map<string, RootFsWithView>();
  const imageTree = (request: string, reference: string): RootFsWithView => {
    const known = imageTrees.get(request);
    if (known) return known;
    const view = rootFs(images.get(request)!.layers, `image ${familiarReference(reference)}`, store);
    imageTrees.set(request, view);
    return view;
  };
  const layers = (reference: TreeReference): RootFsWithView | undefined => {
    switch (reference.kind) {
      case 'context':
      case 'named':
        return undefined;
      case 'stage':
        return resultOf(graph.stages[reference.stage]!.tip);
      case 'image':
        return imageTree(reference.request, reference.reference);
    }
  };
  return {
    layers,
    tree: (reference) => {
      if (reference.kind === 'named') return named(reference.name);
      return layers(reference)?.view() ?? context();
    },
  };
}

/** What the stage is called in messages. */
export function stageName(graph: BuildGraph, index: number): string {
  const name = graph.stages[index]?.name;
  return name === undefined ? `stage ${index}` : `stage "${name}"`;
}
