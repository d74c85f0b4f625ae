import * as v from 'valibot';
import type { Digest } from '../../base/digest.ts';
import { configSchema } from '../document-schema.ts';
import { MAX_LAYERS, MAX_REFERENCES } from '../limits.ts';
import type { HistoryEntry, ImageConfig } from '../oci.ts';
import { check } from '../parse-image.ts';
import { hostPlatform } from '../platform.ts';
import { normalizeTag } from '../reference.ts';
import { serializeConfig } from '../serialize.ts';
import { parseStrictJson } from '../strict-json.ts';
import { corruptMember, memberLabel } from './archive-error.ts';
import type { ImageSource } from './image-source.ts';
import type { ImportContext, VerifiedImage } from './import-context.ts';
import { ingestLayer, putManifest } from './import-docker.ts';
import { EPOCH, readLayer, type LayerBlob } from './verify-layers.ts';

const REPOSITORIES = 'repositories';
const ID = /^[0-9a-f]{64}$/;

const repositoriesSchema = v.record(v.string(), v.record(v.string(), v.pipe(v.string(), v.regex(ID))));

/** An image of the first format: one layer, and the id of the image below. */
const imageSchema = v.object({
  parent: v.optional(v.union([v.literal(''), v.pipe(v.string(), v.regex(ID))])),
  created: v.optional(v.string()),
  author: v.optional(v.string()),
  comment: v.optional(v.string()),
  architecture: v.optional(v.string()),
  os: v.optional(v.string()),
  config: configSchema.entries.config,
  container_config: v.optional(v.nullable(v.object({ Cmd: v.optional(v.nullable(v.array(v.string()))) }))),
});
type LegacyImage = v.InferOutput<typeof imageSchema>;

/** Whether the source has the list of images that `docker save` wrote before Docker 1.10. */
export function isLegacyArchive(source: ImageSource): Promise<boolean> {
  return source.has(REPOSITORIES);
}

/**
 * Reads images of Docker's first format: a chain of single layers, whose diffIDs nobody has written down; the config is
 * made from them. Fails with IMAGE_ARCHIVE_CORRUPT, or REFERENCE_INVALID for a bad name.
 */
export async function importLegacy(
  context: ImportContext,
  source: ImageSource,
): Promise<readonly VerifiedImage[]> {
  const label = memberLabel(REPOSITORIES);
  const repositories = check(
    repositoriesSchema,
    parseStrictJson((await source.document(REPOSITORIES))!, label),
    label,
  );
  const names = new Map<string, string[]>();
  for (const [repository, tags] of Object.entries(repositories)) {
    for (const [tag, id] of Object.entries(tags)) {
      names.set(id, [...(names.get(id) ?? []), normalizeTag(`${repository}:${tag}`)]);
    }
  }
  if (names.size === 0) throw corruptMember(REPOSITORIES, 'names no image');
  if (names.size > MAX_REFERENCES)
    throw corruptMember(REPOSITORIES, `has more than ${MAX_REFERENCES} images`);
  const images: VerifiedImage[] = [];
  for (const [id, references] of names) images.push(await importImage(context, source, id, references));
  return images;
}

async function importImage(
  context: ImportContext,
  source: ImageSource,
  id: string,
  references: readonly string[],
): Promise<VerifiedImage> {
  const chain = await readChain(source, id);
  const layers: LayerBlob[] = [];
  const diffIds: Digest[] = [];
  for (const link of chain) {
    const blob = await ingestLayer(context, source, `${link.id}/layer.tar`);
    const { layer, toc } = await readLayer(context, blob, link.image.created ?? EPOCH);
    context.lease.add(layer.diffId);
    await context.store.layers.put(layer, toc);
    layers.push(blob);
    diffIds.push(layer.diffId);
  }
  const config = convert(
    chain.map((link) => link.image),
    diffIds,
  );
  const text = serializeConfig(config);
  const digest = await context.store.blobs.put(text);
  context.lease.add(digest);
  const descriptor = await putManifest(context, { digest, size: Buffer.byteLength(text) }, layers);
  return { descriptor, config: digest, createdAt: config.created, references };
}

/** The image and all below it, lowest first. */
async function readChain(
  source: ImageSource,
  id: string,
): Promise<readonly { id: string; image: LegacyImage }[]> {
  const chain: { id: string; image: LegacyImage }[] = [];
  for (let next: string | undefined = id; next; next = chain[0]!.image.parent) {
    const member = `${next}/json`;
    if (chain.length === MAX_LAYERS) throw corruptMember(member, `lies on more than ${MAX_LAYERS} others`);
    const bytes = await source.document(member);
    if (!bytes) throw corruptMember(member, 'is named by the archive, but is not in it');
    const label = memberLabel(member);
    chain.unshift({ id: next, image: check(imageSchema, parseStrictJson(bytes, label), label) });
  }
  return chain;
}

function convert(images: readonly LegacyImage[], diffIds: readonly Digest[]): ImageConfig {
  const top = images.at(-1)!;
  const host = hostPlatform();
  const history = images.map((image): HistoryEntry => ({
    ...(image.created === undefined ? {} : { created: image.created }),
    created_by: image.container_config?.Cmd?.join(' ') ?? '',
    ...(image.author ? { author: image.author } : {}),
    ...(image.comment ? { comment: image.comment } : {}),
  }));
  return {
    architecture: top.architecture ?? host.architecture,
    os: top.os ?? host.os,
    ...(top.created === undefined ? {} : { created: top.created }),
    ...(top.author ? { author: top.author } : {}),
    ...(top.config ? { config: top.config as NonNullable<ImageConfig['config']> } : {}),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history,
  };
}
