import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { Layer } from '../layer/layer.ts';
import type { Store } from '../store/store.ts';
import { MAX_DOCUMENT } from './limits.ts';
import type { Descriptor, HistoryEntry, ImageConfig, Manifest, Platform } from './oci.ts';
import { ociLayerType, parseConfig } from './parse-image.ts';
import { resolveManifest } from './resolve-manifest.ts';

export interface StoreImage {
  /** Of the image's own manifest, also where an index was asked for. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  /** Its history has exactly one entry without `empty_layer` for each layer. */
  readonly config: ImageConfig;
  readonly configDigest: Digest;
  /** Bottom first; blobs as the manifest names them, with OCI media types. */
  readonly layers: readonly Layer[];
}

const INVALID = 'IMAGE_INVALID';

/**
 * Reads an image of the store, checked throughout: digests, sizes, shapes, and that every layer is there. `digest` may name
 * an index, of which the image for `platform` (else the host's) is taken. Fails with IMAGE_MISSING, IMAGE_INVALID,
 * IMAGE_INCOMPLETE, IMAGE_PLATFORM_MISSING, or as the content store does.
 */
export async function readImage(store: Store, digest: Digest, platform?: Platform): Promise<StoreImage> {
  const size = store.blobs.size(digest);
  if (size === undefined) throw new EngineError('IMAGE_MISSING', `There is no image ${digest} in the store.`);
  const { descriptor, manifest } = await resolveManifest(
    {
      read: (named) => read(store, named, 'Manifest'),
      has: (named) => store.blobs.has(named.digest),
      label: (named) => ({ name: `Manifest ${named.digest}`, code: INVALID }),
    },
    { digest, size },
    platform,
  );
  const config = parseConfig(await read(store, manifest.config, 'Config'), manifest.layers.length, {
    name: `Config ${manifest.config.digest}`,
    code: INVALID,
  });
  const layers = config.rootfs.diff_ids.map((diffId, index) => {
    const layer = store.layers.get(diffId);
    const named = manifest.layers[index]!;
    if (!layer || !store.blobs.has(named.digest)) {
      throw new EngineError(
        'IMAGE_INCOMPLETE',
        `Layer ${index + 1} of image ${digest} is not in the store.`,
        {
          hint: 'Load or build the image again.',
        },
      );
    }
    const mediaType = ociLayerType(named.mediaType)!;
    return { ...layer, blob: { digest: named.digest, size: named.size, mediaType } };
  });
  const history = alignHistory(config.history ?? [], layers);
  return {
    descriptor,
    manifest,
    config: { ...config, history },
    configDigest: manifest.config.digest,
    layers,
  };
}

async function read(store: Store, named: Pick<Descriptor, 'digest' | 'size'>, what: string): Promise<Buffer> {
  const bytes = await store.blobs.read(named.digest, MAX_DOCUMENT);
  if (bytes.length === named.size) return bytes;
  throw new EngineError(
    INVALID,
    `${what} ${named.digest} has ${bytes.length} bytes, not ${named.size} as stated.`,
  );
}

/**
 * Some builders write a history that names more or fewer layers than there are. As BuildKit does: surplus entries are taken
 * for ones without a layer, and layers that nothing names get an entry of their own.
 */
function alignHistory(history: readonly HistoryEntry[], layers: readonly Layer[]): readonly HistoryEntry[] {
  let named = 0;
  const aligned = history.map((entry) => {
    if (entry.empty_layer || named++ < layers.length) return entry;
    return { ...entry, empty_layer: true };
  });
  const unnamed = layers
    .slice(named)
    .map((layer) => ({ created: layer.createdAt, comment: 'slipway.unnamed.layer' }));
  return [...aligned, ...unnamed];
}
