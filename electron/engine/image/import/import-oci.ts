import * as v from 'valibot';
import type { Digest } from '../../base/digest.ts';
import { EngineError } from '../../base/errors.ts';
import type { Descriptor, Platform } from '../oci.ts';
import { check, leadsToImage, parseConfig, parseManifestDocument } from '../parse-image.ts';
import { choosePlatform, hostPlatform } from '../platform.ts';
import { normalizeTag } from '../reference.ts';
import { resolveManifest, type ResolvedManifest } from '../resolve-manifest.ts';
import { parseStrictJson } from '../strict-json.ts';
import { corruptMember, memberLabel } from './archive-error.ts';
import type { ImageSource } from './image-source.ts';
import type { ImportContext, VerifiedImage } from './import-context.ts';
import { blobName } from './member-name.ts';
import { verifyLayers, type LayerBlob } from './verify-layers.ts';

const INDEX = 'index.json';
const LAYOUT = 'oci-layout';
const FULL_NAME = 'io.containerd.image.name';
const SHORT_NAME = 'org.opencontainers.image.ref.name';

/** Whether the source is an OCI image layout. */
export async function isOciLayout(source: ImageSource): Promise<boolean> {
  return (await source.has(INDEX)) && (await source.has(LAYOUT));
}

/**
 * Reads the images of an OCI image layout (OCI image spec, image-layout.md), archived or not; manifests and configs are
 * kept byte for byte, so that digests stay. Of an index the image for the wanted platform is taken.
 * Fails with IMAGE_ARCHIVE_CORRUPT, IMAGE_DIGEST_MISMATCH, IMAGE_PLATFORM_MISSING, or REFERENCE_INVALID for a bad name.
 */
export async function importOci(
  context: ImportContext,
  source: ImageSource,
): Promise<readonly VerifiedImage[]> {
  const manifests = await layoutIndex(source);
  const found = new Map<Digest, { readonly resolved: ResolvedManifest; readonly references: Set<string> }>();
  for (const { descriptor, reference } of onePerName(manifests, context.platform)) {
    const resolved = await resolveManifest(manifestSource(source), descriptor, context.platform);
    const entry = found.get(resolved.descriptor.digest) ?? { resolved, references: new Set() };
    found.set(resolved.descriptor.digest, entry);
    if (reference !== undefined) entry.references.add(reference);
  }
  if (found.size === 0) throw corruptMember(INDEX, 'names no image');
  const images: VerifiedImage[] = [];
  for (const { resolved, references } of found.values()) {
    images.push(await importManifest(context, source, resolved, [...references]));
  }
  return images;
}

/** What index.json names. Fails with IMAGE_ARCHIVE_CORRUPT. */
export async function layoutIndex(source: ImageSource): Promise<readonly Descriptor[]> {
  await checkVersion(source);
  const index = parseManifestDocument((await source.document(INDEX))!, undefined, memberLabel(INDEX));
  if (index.kind !== 'index') throw corruptMember(INDEX, 'is a manifest instead of an index');
  return index.manifests.filter(leadsToImage);
}

/** Imports the image that one of these descriptors, all of one name, leads to; see {@link importOci}. */
export async function importOneOf(
  context: ImportContext,
  source: ImageSource,
  descriptors: readonly Descriptor[],
): Promise<VerifiedImage> {
  const chosen = forPlatform(descriptors, (each) => each, context.platform)!;
  const resolved = await resolveManifest(manifestSource(source), chosen, context.platform);
  return importManifest(context, source, resolved, []);
}

interface Named {
  readonly descriptor: Descriptor;
  readonly reference: string | undefined;
}

/** The images that index.json names. Where it gives one name to images of several platforms, the wanted one has it. */
function onePerName(manifests: readonly Descriptor[], platform: Platform | undefined): readonly Named[] {
  const images = manifests.map((descriptor) => ({ descriptor, reference: referenceOf(descriptor) }));
  const groups = Map.groupBy(images, ({ descriptor, reference }) => reference ?? descriptor.digest);
  return [...groups.values()].map((group) => forPlatform(group, ({ descriptor }) => descriptor, platform)!);
}

/** The one whose descriptor states the best platform, else the first. */
function forPlatform<T>(
  group: readonly T[],
  descriptorOf: (item: T) => Descriptor,
  platform: Platform | undefined,
): T | undefined {
  const offers = group.filter((item) => descriptorOf(item).platform !== undefined);
  const best = choosePlatform(
    platform ?? hostPlatform(),
    offers.map((item) => descriptorOf(item).platform!),
  );
  return best === undefined ? group[0] : offers[best]!;
}

async function importManifest(
  context: ImportContext,
  source: ImageSource,
  { descriptor, manifest }: ResolvedManifest,
  references: readonly string[],
): Promise<VerifiedImage> {
  const ingest = (named: Descriptor): Promise<unknown> => source.ingest(blobName(named.digest), named);
  await ingest(descriptor);
  await ingest(manifest.config);
  const member = blobName(manifest.config.digest);
  const bytes = await source.document(member);
  const config = parseConfig(bytes!, manifest.layers.length, memberLabel(member));
  const layers: LayerBlob[] = [];
  for (const layer of manifest.layers) {
    context.signal?.throwIfAborted();
    await ingest(layer);
    layers.push({ member: blobName(layer.digest), descriptor: layer });
  }
  await verifyLayers(context, config, layers);
  return { descriptor, config: manifest.config.digest, createdAt: config.created, references };
}

function manifestSource(source: ImageSource): Parameters<typeof resolveManifest>[0] {
  return {
    async read({ digest, size }) {
      const member = blobName(digest);
      // Brought in here and not only read, because that is what compares it with its digest.
      await source.ingest(member, { digest, size });
      return (await source.document(member))!;
    },
    has: ({ digest }) => source.has(blobName(digest)),
    label: ({ digest }) => memberLabel(blobName(digest)),
  };
}

async function checkVersion(source: ImageSource): Promise<void> {
  const label = memberLabel(LAYOUT);
  const schema = v.object({ imageLayoutVersion: v.string() });
  const { imageLayoutVersion } = check(
    schema,
    parseStrictJson((await source.document(LAYOUT))!, label),
    label,
  );
  if (!imageLayoutVersion.startsWith('1.')) throw corruptMember(LAYOUT, 'is of a version that is not known');
}

/**
 * containerd's annotation has the full name. The standard one may hold a name, or, as BuildKit writes it, a tag alone: a
 * word without `:` or `/` is taken for a repository, as podman does, unless it is `latest` or begins like a version.
 */
function referenceOf(descriptor: Descriptor): string | undefined {
  const full = descriptor.annotations?.[FULL_NAME];
  if (full !== undefined) return normalizeTag(full);
  const short = descriptor.annotations?.[SHORT_NAME];
  if (short === undefined || (!/[:/]/.test(short) && /^(latest$|v?\d)/.test(short))) return undefined;
  try {
    return normalizeTag(short);
  } catch (error) {
    // The specification allows more in this annotation than a reference may have, so this is no fault of the archive.
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
