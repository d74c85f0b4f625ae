import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf, isDigest, type Digest } from '../base/digest.ts';
import type { ImageRequest } from '../graph/build-graph.ts';
import type { Descriptor, Platform } from '../image/oci.ts';
import { formatPlatform, hostPlatform, matchPlatform } from '../image/platform.ts';
import type { Store } from '../store/store.ts';

/**
 * Base images for other platforms than this machine's. A reference is one image here, and that is this machine's, so that
 * `FROM --platform` takes it from nobody; what it brought in is remembered among the cache records.
 */
export function isHostPlatform(platform: Platform): boolean {
  return matchPlatform(hostPlatform(), platform);
}

/** The image that was pulled for this platform before, if the store still has it. */
export function rememberedBase(store: Store, request: ImageRequest): Descriptor | undefined {
  const key = keyOf(request);
  const digest = store.cache.get(key)?.result;
  const found = isDigest(digest) ? store.images.get(digest)?.descriptor : undefined;
  if (found) store.cache.touch([key]);
  return found;
}

export function rememberBase(store: Store, request: ImageRequest, { digest }: Descriptor, now: Date): void {
  const createdAt = now.toISOString();
  store.cache.put({ key: keyOf(request), step: 'base image', parts: [], result: digest, createdAt });
}

function keyOf({ reference, platform }: ImageRequest): Digest {
  return digestOf(canonicalJson(['base image', reference, formatPlatform(platform)]));
}
