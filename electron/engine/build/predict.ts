import { EngineError } from '../base/errors.ts';
import type { Prediction } from '../../../shared/prediction.ts';
import { openContext } from '../context/open-context.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { hostPlatform, parsePlatform } from '../image/platform.ts';
import { predictSteps } from '../solver/predict-steps.ts';
import type { BuildRequest } from './build-request.ts';
import type { BuildServices } from './build.ts';
import { drawGraph } from './draw-graph.ts';
import { namedContexts, openNamedFolders } from './named-folders.ts';
import { openResources } from './open-resources.ts';
import { plannedEvent } from './planned-event.ts';

/**
 * What building would do: which steps are in the cache and why the others are not. Nothing is run, recorded, tagged or pulled;
 * digests of files that were read are kept, as by a build. Fails as the build would before its first step runs.
 */
export async function predict(
  services: Omit<BuildServices, 'registries'>,
  request: BuildRequest,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Prediction> {
  const { store, pool, executor, now } = services;
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  const reading = { pool, cacheFolder: `${store.root}/stat-cache`, signal };
  using lease = store.lease('prediction');
  await using resources = await openResources({ ...request, secrets: [], ssh: [] }, store);
  const context = await openContext({
    ...reading,
    folder: request.folder,
    ...(request.dockerfile === undefined ? {} : { dockerfile: request.dockerfile }),
  });
  const contexts = namedContexts(request.contexts ?? {});
  const named = await openNamedFolders(contexts, reading, (folder) => folder.tree());
  const dockerfile = parseDockerfile(await context.dockerfile.read(), context.dockerfile.name);
  const missing: string[] = [];
  const absent = (reference: string): never => {
    missing.push(reference);
    throw new EngineError('PREDICT_IMAGE_MISSING', `${reference} is not in the store.`);
  };
  const drawn = await drawGraph(
    {
      dockerfile,
      target: request.target,
      buildArgs: request.buildArgs,
      platform,
      buildPlatform: hostPlatform(),
      rights: { grants: request.grants ?? [], network: request.network ?? 'default' },
      contexts,
    },
    {
      store,
      lease,
      alwaysPull: false,
      now,
      pull: async (reference) => absent(reference),
      load: async (layout) => absent(layout.path),
    },
  ).catch((error: unknown) => {
    if (missing.length === 0) throw error;
  });
  if (!drawn) return { stages: [], steps: [], missing };
  const { graph, images } = drawn;
  const predictions = await predictSteps({
    ...{ graph, images, store, pool, executor, lease, resources, now, signal },
    context: () => context.tree(),
    named: named.tree,
    isIgnored: (from, path) =>
      from.kind === 'context' ? context.isIgnored(path) : named.isIgnored(from, path),
    ignore: context.ignore,
    project: `${context.root}\n${context.dockerfile.path}`,
    file: dockerfile.file,
    noCache: request.noCache,
    noCacheFilter: new Set((request.noCacheFilter ?? []).map((name) => name.toLowerCase())),
  }).finally(() => named.settled());
  const { stages, steps } = plannedEvent(dockerfile, graph);
  return {
    stages,
    steps: steps.flatMap((step) => {
      const prediction = predictions.get(step.id);
      return prediction ? [{ ...step, ...prediction }] : [];
    }),
    missing,
  };
}
