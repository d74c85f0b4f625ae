import { isDigest, type Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { Descriptor } from '../image/oci.ts';
import type { StoreDatabase } from './database.ts';
import { addGarbage } from './garbage.ts';
import type { StoredImage } from './store.ts';

/** What an image is made of, besides its manifest. */
export interface ImageParts {
  readonly config: { readonly digest: Digest; readonly size: number };
  readonly layers: readonly { readonly digest: Digest; readonly size: number }[];
}

/** The blobs that a manifest names (OCI image spec, manifest.md). IMAGE_INVALID where it is not the manifest of one image. */
export function partsOfManifest(manifest: Buffer, digest: Digest): ImageParts {
  const value = parseObject(manifest, `Manifest ${digest}`);
  const { config, layers } = value as { config?: unknown; layers?: unknown };
  if (!isBlob(config) || !Array.isArray(layers) || !layers.every(isBlob)) {
    throw new EngineError('IMAGE_INVALID', `Manifest ${digest} is not the manifest of one image.`);
  }
  return { config, layers };
}

/** The config's diffIDs (config.md) and creation time. IMAGE_INVALID where there are not as many as layers. */
export function partsOfConfig(
  config: Buffer,
  parts: ImageParts,
): { readonly diffIds: readonly Digest[]; readonly createdAt: string | undefined } {
  const name = `Config ${parts.config.digest}`;
  const { rootfs, created } = parseObject(config, name) as {
    rootfs?: { diff_ids?: unknown } | null;
    created?: unknown;
  };
  const diffIds = rootfs?.diff_ids ?? [];
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest) || diffIds.length !== parts.layers.length) {
    throw new EngineError('IMAGE_INVALID', `${name} does not name a diffID for each layer of its manifest.`);
  }
  return { diffIds, createdAt: typeof created === 'string' ? created : undefined };
}

/**
 * Writes the image's row, with everything it reaches; an image that is there already keeps its row. `isWhole` says whether
 * a blob is in the store: asked here, inside the transaction, because only then no collection can come between.
 * IMAGE_INCOMPLETE where one is missing.
 */
export function recordImage(
  db: StoreDatabase,
  image: StoredImage,
  parts: ImageParts,
  diffIds: readonly Digest[],
  isWhole: (digest: Digest, size: number) => boolean,
): void {
  const { descriptor } = image;
  for (const { digest, size } of [descriptor, parts.config, ...parts.layers]) {
    if (isWhole(digest, size)) continue;
    throw new EngineError(
      'IMAGE_INCOMPLETE',
      `Blob ${digest} of image ${descriptor.digest} is not in the store.`,
    );
  }
  const created = image.createdAt ?? null;
  const values = [descriptor.digest, JSON.stringify(descriptor), image.config, created, image.storedAt];
  const added = db.run(
    'INSERT OR IGNORE INTO images VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...values,
    image.buildId ?? null,
    image.origin,
  );
  if (added === 0) return;
  for (const digest of reachOf(descriptor, parts, diffIds)) {
    db.run('INSERT INTO image_blobs VALUES (?, ?)', descriptor.digest, digest);
  }
}

/** Removes the row of an image that has no tags any more; false where there is none. Inside a transaction. */
export function forgetImage(db: StoreDatabase, manifest: Digest): boolean {
  const reach = db.all<{ digest: Digest }>('SELECT digest FROM image_blobs WHERE manifest = ?', manifest);
  if (db.run('DELETE FROM images WHERE manifest = ?', manifest) === 0) return false;
  addGarbage(
    db,
    reach.map(({ digest }) => digest),
  );
  return true;
}

/** Every digest the image keeps. */
export function reachOf(
  descriptor: Descriptor,
  parts: ImageParts,
  diffIds: readonly Digest[],
): ReadonlySet<Digest> {
  return new Set([
    descriptor.digest,
    parts.config.digest,
    ...parts.layers.map((layer) => layer.digest),
    ...diffIds,
  ]);
}

function parseObject(data: Buffer, name: string): object {
  let value: unknown;
  try {
    value = JSON.parse(data.toString('utf8'));
  } catch (cause) {
    throw new EngineError('IMAGE_INVALID', `${name} is not JSON.`, { cause });
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new EngineError('IMAGE_INVALID', `${name} is not a JSON object.`);
}

function isBlob(value: unknown): value is { digest: Digest; size: number } {
  const { digest, size } = (value ?? {}) as { digest?: unknown; size?: unknown };
  return isDigest(digest) && Number.isSafeInteger(size) && (size as number) >= 0;
}
