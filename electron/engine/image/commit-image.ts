import type { Digest } from '../base/digest.ts';
import type { Layer } from '../layer/layer.ts';
import type { Store } from '../store/store.ts';
import { MEDIA_TYPE, type Descriptor, type HistoryEntry, type ImageConfig } from './oci.ts';
import { serializeConfig, serializeManifest } from './serialize.ts';

export interface ImagePlan {
  /** Platform, author and run config; `created`, `rootfs` and `history` are set from the rest. */
  readonly config: Omit<ImageConfig, 'created' | 'rootfs' | 'history'>;
  /** Bottom first. */
  readonly layers: readonly Layer[];
  /** In order; as many entries without `empty_layer` as there are layers. */
  readonly history: readonly HistoryEntry[];
  /** ISO 8601; for history entries without a time where no layer gives one. Without it they have none. */
  readonly createdAt?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Writes an image's config and manifest (OCI types) into the store, and nothing else: the layers are there already, the
 * caller records and tags the image and holds a lease. The bytes depend on the plan alone: an unchanged rebuild gives the
 * same digests. Fails as the content store does.
 */
export async function commitImage(
  store: Store,
  plan: ImagePlan,
): Promise<{ descriptor: Descriptor; configDigest: Digest; createdAt: string | undefined }> {
  const history = fillTimes(plan.history, plan.layers, plan.createdAt);
  const createdAt = history.findLast((entry) => entry.created !== undefined)?.created ?? plan.createdAt;
  const configText = serializeConfig({
    ...plan.config,
    ...(createdAt === undefined ? {} : { created: createdAt }),
    rootfs: { type: 'layers', diff_ids: plan.layers.map((layer) => layer.diffId) },
    history,
  });
  const configDigest = await store.blobs.put(configText);
  const manifestText = serializeManifest({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: { mediaType: MEDIA_TYPE.config, digest: configDigest, size: Buffer.byteLength(configText) },
    layers: plan.layers.map(({ blob }) => ({
      mediaType: blob.mediaType,
      digest: blob.digest,
      size: blob.size,
    })),
    ...(plan.annotations === undefined ? {} : { annotations: plan.annotations }),
  });
  const digest = await store.blobs.put(manifestText);
  const descriptor = { mediaType: MEDIA_TYPE.manifest, digest, size: Buffer.byteLength(manifestText) };
  return { descriptor, configDigest, createdAt };
}

/**
 * Gives every entry a time, as BuildKit's exporter does: an entry with a layer gets the layer's. The first entries
 * without one get the time of the next layer, since that of a base image before them says nothing about them; later ones
 * get that of the entry before.
 */
function fillTimes(
  history: readonly HistoryEntry[],
  layers: readonly Layer[],
  fallback: string | undefined,
): readonly HistoryEntry[] {
  const withLayer = history.filter((entry) => !entry.empty_layer).length;
  if (withLayer !== layers.length) {
    throw new Error(`The history names ${withLayer} layers, but the image has ${layers.length}.`);
  }
  let next = 0;
  const timed = history.map((entry) => {
    const layer = entry.empty_layer ? undefined : layers[next++];
    return layer && entry.created === undefined ? { ...entry, created: layer.createdAt } : entry;
  });
  const firstMissing = timed.findIndex((entry) => entry.created === undefined);
  if (firstMissing < 0) return timed;
  let current =
    timed.slice(firstMissing).find((entry) => entry.created !== undefined)?.created ??
    timed[firstMissing - 1]?.created ??
    fallback;
  return timed.map((entry, index) => {
    if (index > firstMissing && entry.created !== undefined) current = entry.created;
    return entry.created !== undefined || current === undefined ? entry : { ...entry, created: current };
  });
}
