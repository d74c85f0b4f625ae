import * as v from 'valibot';
import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf, isDigest, type Digest } from '../base/digest.ts';
import type { Compression } from '../image/export/compress-layer.ts';
import type { Descriptor } from '../image/oci.ts';
import type { Store } from '../store/store.ts';

/**
 * What earlier pushes found out, kept among the cache records: what a layer is when it is compressed, so that it need not be
 * compressed only to learn that the registry has it; and where a registry has a blob, so that it can be mounted from there.
 * All of it may be out of date, and none of it is trusted: the registry is asked.
 */
export interface BlobMemory {
  packed(layer: Digest, compression: Compression): Descriptor | undefined;
  rememberPacked(layer: Digest, compression: Compression, packed: Descriptor): void;
  /** A repository of the registry that had the blob. */
  repository(domain: string, blob: Digest): string | undefined;
  rememberRepository(domain: string, blob: Digest, repository: string): void;
}

const packedSchema = v.object({
  mediaType: v.string(),
  digest: v.custom<Digest>(isDigest),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

export function createBlobMemory({ cache }: Store, now: () => Date): BlobMemory {
  const recall = (...what: readonly string[]): string | undefined => {
    const key = keyOf(what);
    const result = cache.get(key)?.result;
    if (result !== undefined) cache.touch([key]);
    return result;
  };
  const remember = (result: string, ...what: readonly string[]): void =>
    cache.put({ key: keyOf(what), step: 'registry', parts: [], result, createdAt: now().toISOString() });
  return {
    packed(layer, compression) {
      const text = recall('packed', layer, compression);
      const result = text === undefined ? undefined : v.safeParse(packedSchema, JSON.parse(text));
      return result?.success ? result.output : undefined;
    },
    rememberPacked: (layer, compression, packed) =>
      remember(JSON.stringify(packed), 'packed', layer, compression),
    repository: (domain, blob) => recall('repository', domain, blob),
    rememberRepository: (domain, blob, repository) => remember(repository, 'repository', domain, blob),
  };
}

function keyOf(what: readonly string[]): Digest {
  return digestOf(canonicalJson(['registry', ...what]));
}
