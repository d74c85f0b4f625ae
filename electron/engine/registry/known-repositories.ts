import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { readImage } from '../image/read-image.ts';
import { parseReference } from '../image/reference.ts';
import type { Store } from '../store/store.ts';

/** Tagged images that are looked at, so that a full store does not hold up a push. */
const MAX_IMAGES = 100;

/** Blobs that other repositories of the registry should have, because images of the store are tagged as theirs. */
export async function knownRepositories(
  store: Store,
  domain: string,
  except: string,
): Promise<ReadonlyMap<Digest, string>> {
  const known = new Map<Digest, string>();
  const others = store.references
    .list()
    .map(({ reference, descriptor }) => ({ ...parseReference(reference), image: descriptor.digest }))
    .filter((other) => other.domain === domain && other.path !== except);
  for (const { path, image } of others.slice(0, MAX_IMAGES)) {
    try {
      const { manifest } = await readImage(store, image);
      for (const layer of manifest.layers) known.set(layer.digest, path);
    } catch (error) {
      // An image that cannot be read is no help here, and no hindrance.
      if (!(error instanceof EngineError)) throw error;
    }
  }
  return known;
}
