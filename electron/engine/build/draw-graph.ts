import { EngineError } from '../base/errors.ts';
import { imageRequestKey, type ImageRequest, type ResolvedImage } from '../graph/build-graph.ts';
import { planGraph, type GraphOptions } from '../graph/plan-graph.ts';
import type { BuildGraph } from '../graph/build-graph.ts';
import { formatPlatform } from '../image/platform.ts';
import { readImage } from '../image/read-image.ts';
import { familiarReference } from '../image/reference.ts';
import type { Lease, Store } from '../store/store.ts';

/**
 * Draws the graph, looking up the images it asks for until it has them all. What is found is leased.
 * Fails with IMAGE_NOT_FOUND at the instruction that names an image the store lacks.
 */
export async function drawGraph(
  options: Omit<GraphOptions, 'images'>,
  store: Store,
  lease: Lease,
): Promise<{ readonly graph: BuildGraph; readonly images: ReadonlyMap<string, ResolvedImage> }> {
  const images = new Map<string, ResolvedImage>();
  for (;;) {
    const result = planGraph({ ...options, images });
    if (result.kind === 'graph') return { graph: result.graph, images };
    for (const request of result.requests) {
      images.set(imageRequestKey(request), await findImage(request, options.dockerfile.file, store, lease));
    }
  }
}

async function findImage(
  request: ImageRequest,
  file: string,
  store: Store,
  lease: Lease,
): Promise<ResolvedImage> {
  const descriptor = store.references.get(request.reference);
  if (!descriptor) {
    throw new EngineError(
      'IMAGE_NOT_FOUND',
      `Image ${familiarReference(request.reference)} is not in the local store.`,
      {
        file,
        range: request.range,
        hint: 'Bring it in with "slipway load ARCHIVE", or build it here first; this version does not pull from registries.',
      },
    );
  }
  lease.add(descriptor.digest);
  try {
    const {
      descriptor: own,
      manifest,
      config,
      layers,
    } = await readImage(store, descriptor.digest, request.platform);
    lease.add(
      own.digest,
      manifest.config.digest,
      ...layers.flatMap((layer) => [layer.blob.digest, layer.diffId]),
    );
    if (request.platformIsExplicit && config.architecture !== request.platform.architecture) {
      throw new EngineError(
        'IMAGE_PLATFORM_MISSING',
        `Image ${familiarReference(request.reference)} is for ${formatPlatform(config)}, not for ${formatPlatform(request.platform)}.`,
        { hint: 'Leave --platform out, or load the image for that platform.' },
      );
    }
    return { reference: request.reference, manifest: own.digest, config, layers };
  } catch (error) {
    throw error instanceof EngineError ? error.at(file, request.range) : error;
  }
}
