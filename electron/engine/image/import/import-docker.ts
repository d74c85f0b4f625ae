import { open } from 'node:fs/promises';
import type { Digest } from '../../base/digest.ts';
import { EngineError } from '../../base/errors.ts';
import { sniffArchive } from '../../layer/decompress.ts';
import { dockerManifestSchema } from '../document-schema.ts';
import { MAX_REFERENCES } from '../limits.ts';
import { MEDIA_TYPE, type Descriptor } from '../oci.ts';
import { check, parseConfig } from '../parse-image.ts';
import { normalizeTag } from '../reference.ts';
import { serializeManifest } from '../serialize.ts';
import { parseStrictJson } from '../strict-json.ts';
import { corruptMember, memberLabel, mismatch } from './archive-error.ts';
import type { ImageSource } from './image-source.ts';
import type { ImportContext, VerifiedImage } from './import-context.ts';
import { verifyLayers, type LayerBlob } from './verify-layers.ts';

const MANIFEST = 'manifest.json';

/** Whether the source has Docker's list of images. */
export function isDockerArchive(source: ImageSource): Promise<boolean> {
  return source.has(MANIFEST);
}

/**
 * Reads the images of an archive of `docker save`. Configs are kept byte for byte, so that image IDs stay; manifests are
 * made here, with OCI types, since the archive has none.
 * Fails with IMAGE_ARCHIVE_CORRUPT, IMAGE_DIGEST_MISMATCH, or REFERENCE_INVALID for a bad tag.
 */
export async function importDocker(
  context: ImportContext,
  source: ImageSource,
): Promise<readonly VerifiedImage[]> {
  const label = memberLabel(MANIFEST);
  const entries = check(
    dockerManifestSchema,
    parseStrictJson((await source.document(MANIFEST))!, label),
    label,
  );
  const tags = entries.flatMap((entry) => entry.RepoTags ?? []);
  if (tags.length > MAX_REFERENCES) throw corruptMember(MANIFEST, `has more than ${MAX_REFERENCES} tags`);
  const references = entries.map((entry) => (entry.RepoTags ?? []).map(readTag));
  const images: VerifiedImage[] = [];
  for (const [index, entry] of entries.entries()) {
    const config = await ingestConfig(source, entry.Config);
    const layers: LayerBlob[] = [];
    for (const member of entry.Layers ?? []) {
      context.signal?.throwIfAborted();
      layers.push(await ingestLayer(context, source, member));
    }
    const parsed = parseConfig(config.bytes, layers.length, memberLabel(entry.Config));
    await verifyLayers(context, parsed, layers);
    const manifest = await putManifest(context, config, layers);
    images.push({
      descriptor: manifest,
      config: config.digest,
      createdAt: parsed.created,
      references: references[index]!,
    });
  }
  return images;
}

/** Makes and stores the manifest of an image whose config and layers are in the store. */
export async function putManifest(
  { store, lease }: ImportContext,
  config: { readonly digest: Digest; readonly size: number },
  layers: readonly LayerBlob[],
): Promise<Descriptor> {
  const text = serializeManifest({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: { mediaType: MEDIA_TYPE.config, digest: config.digest, size: config.size },
    layers: layers.map(({ descriptor }) => descriptor),
  });
  const digest = await store.blobs.put(text);
  lease.add(digest);
  return { mediaType: MEDIA_TYPE.manifest, digest, size: Buffer.byteLength(text) };
}

/** Brings a layer member in and finds out by its content how it is compressed. */
export async function ingestLayer(
  { store }: ImportContext,
  source: ImageSource,
  member: string,
): Promise<LayerBlob> {
  const { digest, size } = await source.ingest(member);
  const format = sniffArchive(await firstBytes(store.blobs.path(digest)));
  const types = { gzip: MEDIA_TYPE.layerGzip, zstd: MEDIA_TYPE.layerZstd, tar: MEDIA_TYPE.layer };
  if (format === 'bzip2' || format === 'xz') {
    throw corruptMember(member, `is compressed with ${format}, for which images have no media type`);
  }
  // Without a header it may still be an empty tar; reading it will tell.
  return { member, descriptor: { mediaType: types[format ?? 'tar'], digest, size } };
}

async function ingestConfig(
  source: ImageSource,
  member: string,
): Promise<{ readonly digest: Digest; readonly size: number; readonly bytes: Buffer }> {
  const bytes = await source.document(member);
  if (!bytes) throw corruptMember(member, 'is named by the archive, but is not in it');
  const stored = await source.ingest(member);
  const promised = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(member)?.[1];
  if (promised !== undefined && stored.digest !== `sha256:${promised}`) {
    throw mismatch(member, 'does not hold what its name says');
  }
  return { ...stored, bytes };
}

async function firstBytes(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  return buffer.subarray(0, bytesRead);
}

function readTag(tag: string): string {
  try {
    return normalizeTag(tag);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, hint } = error;
    throw new EngineError(error.code, `${memberLabel(MANIFEST).name} has a bad tag: ${message}`, {
      hint,
      cause: error,
    });
  }
}
