import { digestOf, type Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { MAX_DOCUMENT } from '../image/limits.ts';
import { MEDIA_TYPE } from '../image/oci.ts';
import { readBody } from './answer.ts';
import { badAnswer, wrongContent } from './registry-error.ts';
import type { Session } from './session.ts';

const TYPES: readonly string[] = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifestList,
  MEDIA_TYPE.dockerManifest,
];

export interface FetchedManifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
  /** What the registry says it is, where it says one of the types we know. */
  readonly mediaType: string | undefined;
}

/**
 * A manifest or index by tag or digest (distribution spec, pulling manifests); at most 4 MiB. By digest it is verified.
 * Fails with REGISTRY_IMAGE_NOT_FOUND, REGISTRY_CONTENT_WRONG, or as sessions do.
 */
export async function fetchManifest(
  session: Session,
  repository: string,
  name: string,
  signal?: AbortSignal,
): Promise<FetchedManifest> {
  const { host } = session;
  const answer = await session.send(
    { method: 'GET', at: `/v2/${repository}/manifests/${name}`, headers: { accept: TYPES.join(', ') } },
    signal,
  );
  if (answer.status === 404) {
    answer.discard();
    throw new EngineError('REGISTRY_IMAGE_NOT_FOUND', `${host} has no image ${repository} with ${name}.`, {
      hint: 'Check the repository’s name and the tag.',
    });
  }
  if (answer.status !== 200) {
    answer.discard();
    throw badAnswer(host, `answered status ${answer.status} for the manifest of ${repository}`);
  }
  const what = `Manifest ${name} of ${host}/${repository}`;
  const tooLarge = (): EngineError => wrongContent(what, `has more than ${MAX_DOCUMENT} bytes`);
  const bytes = await readBody(answer, MAX_DOCUMENT, tooLarge);
  const digest = digestOf(bytes);
  const stated = [answer.header('docker-content-digest'), name].filter((text) => text?.startsWith('sha256:'));
  if (stated.some((text) => text !== digest))
    throw wrongContent(what, `does not have the digest it came for`);
  const mediaType = answer.header('content-type')?.split(';', 1)[0]?.trim();
  return { bytes, digest, mediaType: TYPES.find((type) => type === mediaType) };
}
