import { EngineError } from '../base/errors.ts';
import { MAX_INDEX_DEPTH } from './limits.ts';
import type { Descriptor, Manifest, Platform } from './oci.ts';
import { leadsToImage, parseManifestDocument } from './parse-image.ts';
import { choosePlatform, formatPlatform, hostPlatform } from './platform.ts';
import type { DocumentLabel } from './strict-json.ts';

export interface ManifestSource {
  /** The verified bytes that a descriptor names. */
  read(descriptor: Pick<Descriptor, 'digest' | 'size'>): Promise<Uint8Array>;
  /** False for a manifest that the source lacks, as in archives that hold one platform of several. */
  has?(descriptor: Descriptor): boolean | Promise<boolean>;
  label(descriptor: Pick<Descriptor, 'digest'>): DocumentLabel;
}

/** An image's own manifest: never an index. */
export interface ResolvedManifest {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/**
 * Follows a descriptor to one image's manifest. In an index the manifest for `platform` is taken; where none is asked for,
 * the host's, or the only one there is. Indexes may lie within indexes, four deep. Fails with IMAGE_PLATFORM_MISSING, or
 * with the source's code for documents that are bad.
 */
export async function resolveManifest(
  source: ManifestSource,
  descriptor: Pick<Descriptor, 'digest' | 'size'> & { readonly mediaType?: string },
  platform: Platform | undefined,
  depth = 0,
): Promise<ResolvedManifest> {
  const label = source.label(descriptor);
  if (depth > MAX_INDEX_DEPTH) {
    throw new EngineError(label.code, `${label.name} lies more than ${MAX_INDEX_DEPTH} indexes deep.`);
  }
  const { digest, size, mediaType } = descriptor;
  const document = parseManifestDocument(await source.read(descriptor), mediaType, label);
  if (document.kind === 'manifest') {
    return {
      descriptor: { mediaType: document.manifest.mediaType, digest, size },
      manifest: document.manifest,
    };
  }
  const offers: Descriptor[] = [];
  for (const offer of document.manifests.filter(leadsToImage)) {
    if (!source.has || (await source.has(offer))) offers.push(offer);
  }
  const chosen = choose(offers, platform);
  if (chosen !== undefined) return resolveManifest(source, chosen, platform, depth + 1);
  const names = offers.flatMap((offer) => (offer.platform ? [formatPlatform(offer.platform)] : []));
  throw new EngineError(
    'IMAGE_PLATFORM_MISSING',
    `${label.name} has no image for ${formatPlatform(platform ?? hostPlatform())}.`,
    { hint: names.length === 0 ? undefined : `It has ${[...new Set(names)].slice(0, 20).join(', ')}.` },
  );
}

function choose(offers: readonly Descriptor[], platform: Platform | undefined): Descriptor | undefined {
  const stated = offers.filter((offer) => offer.platform !== undefined);
  const best = choosePlatform(
    platform ?? hostPlatform(),
    stated.map((offer) => offer.platform!),
  );
  if (best !== undefined) return stated[best];
  // One that says nothing may be what is wanted: its config tells, when it is read.
  const silent = offers.find((offer) => offer.platform === undefined);
  return silent ?? (platform === undefined && offers.length === 1 ? offers[0] : undefined);
}
