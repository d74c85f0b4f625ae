import { EngineError } from '../base/errors.ts';
import { imageRequestKey, type ImageRequest, type ResolvedImage } from '../graph/build-graph.ts';
import type { LayoutImage } from '../graph/named-context.ts';
import { planGraph, type GraphOptions } from '../graph/plan-graph.ts';
import type { BuildGraph } from '../graph/build-graph.ts';
import { formatPlatform, matchPlatform } from '../image/platform.ts';
import { readImage } from '../image/read-image.ts';
import type { Descriptor, Platform } from '../image/oci.ts';
import { familiarReference } from '../image/reference.ts';
import type { Lease, Store } from '../store/store.ts';
import { isHostPlatform, rememberBase, rememberedBase } from './base-memory.ts';

/** Where images come from. */
export interface ImageSupply {
  readonly store: Store;
  readonly lease: Lease;
  /** Brings an image into the store, under the lease. */
  readonly pull: (reference: string, platform: Platform) => Promise<Descriptor>;
  /** Brings an image of a layout folder into the store, under the lease. */
  readonly load: (layout: LayoutImage, platform: Platform) => Promise<Descriptor>;
  /** Ask the registry also for images that the store has. */
  readonly alwaysPull: boolean;
  readonly now: () => Date;
}

/**
 * Draws the graph, looking up the images it asks for until it has them all: in the store, else in their registry. What is
 * found is leased. Fails with IMAGE_NOT_FOUND at the instruction that names an image that neither has, or as pulling does.
 */
export async function drawGraph(
  options: Omit<GraphOptions, 'images'>,
  supply: ImageSupply,
): Promise<{ readonly graph: BuildGraph; readonly images: ReadonlyMap<string, ResolvedImage> }> {
  const images = new Map<string, ResolvedImage>();
  for (;;) {
    const result = planGraph({ ...options, images });
    if (result.kind === 'graph') return { graph: result.graph, images };
    for (const request of result.requests) {
      images.set(imageRequestKey(request), await findImage(request, options.dockerfile.file, supply));
    }
  }
}

/** What pulling fails with where the image is out of reach, rather than bad. */
const OUT_OF_REACH = ['REGISTRY_UNREACHABLE', 'REGISTRY_IMAGE_NOT_FOUND', 'REGISTRY_DENIED'];

async function findImage(request: ImageRequest, file: string, supply: ImageSupply): Promise<ResolvedImage> {
  const { reference, platform, layout } = request;
  try {
    if (layout) return await readFor(request, await supply.load(layout, platform), supply);
    const local = await findLocal(request, supply);
    if (local?.fits && !supply.alwaysPull) return await readFor(request, local.descriptor, supply);
    try {
      const pulled = await supply.pull(reference, platform);
      if (!isHostPlatform(platform)) rememberBase(supply.store, request, pulled, supply.now());
      return await readFor(request, pulled, supply);
    } catch (error) {
      const isAway = error instanceof EngineError && OUT_OF_REACH.includes(error.code);
      if (!isAway || supply.alwaysPull) throw error;
      // It says which platform the image in the store is for, where FROM asks for another.
      if (local) return await readFor(request, local.descriptor, supply);
      throw notFound(reference, error);
    }
  } catch (error) {
    throw error instanceof EngineError ? error.at(file, request.range) : error;
  }
}

/**
 * The image of the store, and whether it may serve: where another platform than this machine's is wanted, it must be for
 * that one.
 */
async function findLocal(
  request: ImageRequest,
  { store }: ImageSupply,
): Promise<{ readonly descriptor: Descriptor; readonly fits: boolean } | undefined> {
  const { reference, platform, platformIsExplicit } = request;
  const tagged = store.references.get(reference);
  if (!platformIsExplicit && isHostPlatform(platform)) return tagged && { descriptor: tagged, fits: true };
  for (const descriptor of [tagged, rememberedBase(store, request)]) {
    if (!descriptor) continue;
    const { config } = await readImage(store, descriptor.digest, platform);
    if (matchPlatform(platform, config)) return { descriptor, fits: true };
  }
  return tagged && { descriptor: tagged, fits: false };
}

function notFound(reference: string, cause: EngineError): EngineError {
  return new EngineError(
    'IMAGE_NOT_FOUND',
    `Image ${familiarReference(reference)} is not in the local store, and cannot be pulled: ${cause.message}`,
    {
      hint: [cause.hint, 'Or bring it in with "slipway load ARCHIVE".'].filter(Boolean).join(' '),
      cause,
    },
  );
}

async function readFor(
  request: ImageRequest,
  { digest }: Descriptor,
  { store, lease }: ImageSupply,
): Promise<ResolvedImage> {
  lease.add(digest);
  const { descriptor, manifest, config, layers } = await readImage(store, digest, request.platform);
  lease.add(
    descriptor.digest,
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
  return { reference: request.reference, manifest: descriptor.digest, config, layers };
}
