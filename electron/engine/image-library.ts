import type { ImageDetail, ImageHistoryRow, ImageSummary } from '../../shared/contract.ts';
import { isDigest, type Digest } from './base/digest.ts';
import { EngineError } from './base/errors.ts';
import { formatPlatform } from './image/platform.ts';
import { readImage, type StoreImage } from './image/read-image.ts';
import { familiarReference, normalizeReference, normalizeTag } from './image/reference.ts';
import type { Store, StoredImage } from './store/store.ts';

/** The images of a store as people handle them: listed, looked into, tagged, untagged, removed. */
export interface ImageLibrary {
  /** Newest first; an image that cannot be read any more is left out. */
  list(): Promise<readonly ImageSummary[]>;
  /** Fails with IMAGE_MISSING. */
  get(id: string): Promise<ImageDetail>;
  /**
   * The manifest digest that a person means: a reference, a digest of manifest or config, or at least four digits of one.
   * Fails with IMAGE_NOT_FOUND, IMAGE_AMBIGUOUS, or REFERENCE_INVALID.
   */
  find(text: string): Digest;
  /** Points the reference at the image; tells which image it was taken from, if another had it. */
  tag(id: string, reference: string): Promise<{ readonly reference: string; readonly movedFrom?: string }>;
  /** Fails with REFERENCE_NOT_FOUND. The image stays. */
  untag(reference: string): Promise<void>;
  /** Removes the image with all its references. */
  remove(id: string): Promise<{ readonly freed: number }>;
}

export function createImageLibrary(store: Store): ImageLibrary {
  const stored = (id: string): StoredImage => {
    const image = isDigest(id) ? store.images.get(id) : undefined;
    if (!image) throw new EngineError('IMAGE_MISSING', `There is no image ${id} in the store.`);
    return image;
  };

  const summaries = async (): Promise<readonly (readonly [StoredImage, StoreImage, ImageSummary])[]> => {
    const images: (readonly [StoredImage, StoreImage])[] = [];
    for (const image of store.images.list()) {
      try {
        images.push([image, await readImage(store, image.descriptor.digest)]);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }
    const holders = new Map<Digest, number>();
    for (const [, { layers }] of images) {
      for (const digest of new Set(layers.map((layer) => layer.blob.digest))) {
        holders.set(digest, (holders.get(digest) ?? 0) + 1);
      }
    }
    const references = referencesByImage(store);
    return images.map(([image, read]) => [image, read, summarize(image, read, references, holders)] as const);
  };

  return {
    async list() {
      const all = (await summaries()).map(([, , summary]) => summary);
      return all.sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
    },

    async get(id) {
      const { descriptor } = stored(id);
      const found = (await summaries()).find(([image]) => image.descriptor.digest === descriptor.digest);
      // Reading it again tells why it could not be listed.
      const [, read, summary] = found ?? [undefined, await readImage(store, descriptor.digest), undefined];
      if (!summary) throw new EngineError('IMAGE_MISSING', `There is no image ${id} in the store.`);
      return {
        ...summary,
        history: await historyRows(store, read),
        configJson: read.config,
        manifestJson: read.manifest,
      };
    },

    find(text) {
      const isId = ID.test(text);
      const isWhole = text.startsWith('sha256:') || text.length === ID_DIGITS;
      const reference = isId && isWhole ? undefined : normalizeReference(text);
      const descriptor = reference === undefined ? undefined : store.references.get(reference);
      if (descriptor) return descriptor.digest;
      const found = isId ? findById(text, store.images.list()) : undefined;
      if (found) return found;
      const digest = reference?.slice(reference.indexOf('@') + 1);
      if (isDigest(digest) && store.images.get(digest)) return digest;
      throw new EngineError('IMAGE_NOT_FOUND', `There is no image ${text} in the store.`, {
        hint: 'See what there is with "slipway images".',
      });
    },

    async tag(id, text) {
      const { descriptor } = stored(id);
      const reference = normalizeTag(text);
      const [before] = await store.references.set([reference], descriptor);
      return {
        reference,
        ...(before && before.digest !== descriptor.digest ? { movedFrom: before.digest } : {}),
      };
    },

    async untag(text) {
      const reference = normalizeReference(text);
      if ((await store.references.remove([reference])) === 0) {
        throw new EngineError('REFERENCE_NOT_FOUND', `Nothing is tagged ${familiarReference(reference)}.`);
      }
    },

    async remove(id) {
      return store.images.remove(stored(id).descriptor.digest);
    },
  };
}

/** As many hex digits as an ID has; no reference can be written so. */
const ID_DIGITS = 64;

/** The digits of a digest, all or the first four or more; `sha256:` may stand before them. */
const ID = /^(sha256:)?[0-9a-f]{4,64}$/;

/** The image whose manifest or config has an id that begins so. */
function findById(text: string, images: readonly StoredImage[]): Digest | undefined {
  const digits = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text;
  const prefix = `sha256:${digits}`;
  const found = images.filter(
    ({ descriptor, config }) => descriptor.digest.startsWith(prefix) || config.startsWith(prefix),
  );
  if (found.length > 1) {
    throw new EngineError('IMAGE_AMBIGUOUS', `${text} is the beginning of ${found.length} images' ids.`, {
      hint: 'Give more digits.',
    });
  }
  return found[0]?.descriptor.digest;
}

function referencesByImage(store: Store): ReadonlyMap<string, readonly string[]> {
  const references = new Map<string, string[]>();
  for (const { reference, descriptor } of store.references.list()) {
    const list = references.get(descriptor.digest) ?? [];
    list.push(reference);
    references.set(descriptor.digest, list);
  }
  return references;
}

function summarize(
  image: StoredImage,
  { config, configDigest, layers }: StoreImage,
  references: ReadonlyMap<string, readonly string[]>,
  holders: ReadonlyMap<Digest, number>,
): ImageSummary {
  const blobs = new Map(layers.map(({ blob }) => [blob.digest, blob.size]));
  const sum = (include: (digest: Digest) => boolean): number =>
    [...blobs].reduce((total, [digest, size]) => total + (include(digest) ? size : 0), 0);
  return {
    id: image.descriptor.digest,
    config: configDigest,
    references: [...(references.get(image.descriptor.digest) ?? [])].sort(),
    ...(image.createdAt === undefined ? {} : { createdAt: image.createdAt }),
    platform: formatPlatform(config),
    size: sum(() => true),
    uniqueSize: sum((digest) => holders.get(digest) === 1),
    layers: layers.length,
    origin: image.origin,
    ...(image.buildId === undefined ? {} : { buildId: image.buildId }),
  };
}

async function historyRows(
  store: Store,
  { config, layers }: StoreImage,
): Promise<readonly ImageHistoryRow[]> {
  let next = 0;
  return Promise.all(
    (config.history ?? []).map(async (entry): Promise<ImageHistoryRow> => {
      const layer = entry.empty_layer ? undefined : layers[next++];
      return {
        ...(entry.created === undefined ? {} : { createdAt: entry.created }),
        createdBy: entry.created_by ?? '',
        ...(entry.comment === undefined ? {} : { comment: entry.comment }),
        emptyLayer: entry.empty_layer ?? false,
        ...(layer
          ? {
              diffId: layer.diffId,
              size: layer.blob.size,
              files: (await store.layers.toc(layer.diffId)).length,
            }
          : {}),
      };
    }),
  );
}
