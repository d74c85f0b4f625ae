import * as v from 'valibot';
import { EngineError } from '../base/errors.ts';
import { configSchema, indexSchema, manifestSchema } from './document-schema.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { MEDIA_TYPE, type Descriptor, type ImageConfig, type Manifest } from './oci.ts';
import { parseStrictJson, type DocumentLabel } from './strict-json.ts';

/** What a manifest's media type may lead to. */
export type ManifestDocument =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'index'; readonly mediaType: string; readonly manifests: readonly Descriptor[] };

const INDEX_TYPES: readonly string[] = [MEDIA_TYPE.index, MEDIA_TYPE.dockerManifestList];
const MANIFEST_TYPES: readonly string[] = [MEDIA_TYPE.manifest, MEDIA_TYPE.dockerManifest];
const CONFIG_TYPES: readonly string[] = [MEDIA_TYPE.config, MEDIA_TYPE.dockerConfig];

/** Media types of layers that can be read, and the OCI type for each. */
const LAYER_TYPES: Readonly<Record<string, string>> = {
  [MEDIA_TYPE.layer]: MEDIA_TYPE.layer,
  [MEDIA_TYPE.layerGzip]: MEDIA_TYPE.layerGzip,
  [MEDIA_TYPE.layerZstd]: MEDIA_TYPE.layerZstd,
  'application/vnd.docker.image.rootfs.diff.tar': MEDIA_TYPE.layer,
  [MEDIA_TYPE.dockerLayer]: MEDIA_TYPE.layerGzip,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': MEDIA_TYPE.layerZstd,
};

/** The OCI media type of a layer that may carry Docker's; undefined where the engine cannot read such a layer. */
export function ociLayerType(mediaType: string): string | undefined {
  return Object.hasOwn(LAYER_TYPES, mediaType) ? LAYER_TYPES[mediaType] : undefined;
}

/** Whether a descriptor in an index leads to an image or a further index, and not to an attestation or another artifact. */
export function leadsToImage(descriptor: Descriptor): boolean {
  const isManifest = MANIFEST_TYPES.includes(descriptor.mediaType);
  const platform = descriptor.platform;
  const attests =
    descriptor.annotations?.['vnd.docker.reference.type'] !== undefined ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown');
  return INDEX_TYPES.includes(descriptor.mediaType) || (isManifest && !attests);
}

/**
 * Reads a manifest or index, whichever it is. A document that could be taken for both (CVE-2021-41190), that is not what
 * `expected` says, or that is an old schema or another artifact is refused with the label's code.
 */
export function parseManifestDocument(
  bytes: Uint8Array,
  expected: string | undefined,
  label: DocumentLabel,
): ManifestDocument {
  const raw = parseStrictJson(bytes, label);
  const keys =
    typeof raw === 'object' && raw !== null ? Object.keys(raw).map((key) => key.toLowerCase()) : [];
  const has = (key: string): boolean => keys.includes(key.toLowerCase());
  if (new Set(keys).size !== keys.length)
    throw bad(label, 'has keys that differ only in upper and lower case');
  if (has('fsLayers') || has('signatures')) throw bad(label, 'is of the old schema 1, which names no config');
  if (has('manifests') && (has('layers') || has('config')))
    throw bad(label, 'is both a manifest and an index');
  const isIndex = has('manifests');
  const allowed = isIndex ? INDEX_TYPES : MANIFEST_TYPES;
  if (isIndex) {
    const index = check(indexSchema, raw, label);
    const mediaType = checkMediaType(index.mediaType, expected, allowed, label);
    return { kind: 'index', mediaType, manifests: index.manifests.map(toDescriptor) };
  }
  const manifest = check(manifestSchema, raw, label);
  const mediaType = checkMediaType(manifest.mediaType, expected, allowed, label);
  if (!CONFIG_TYPES.includes(manifest.config.mediaType)) {
    throw bad(
      label,
      `is no container image: its config has the type ${quoteForMessage(manifest.config.mediaType)}`,
    );
  }
  for (const layer of manifest.layers) {
    if (ociLayerType(layer.mediaType) === undefined) {
      throw bad(label, `has a layer of the type ${quoteForMessage(layer.mediaType)}, which cannot be read`);
    }
  }
  const { annotations } = manifest;
  return {
    kind: 'manifest',
    manifest: {
      schemaVersion: 2,
      mediaType,
      config: toDescriptor(manifest.config),
      layers: manifest.layers.map(toDescriptor),
      ...(annotations ? { annotations } : {}),
    },
  };
}

/** Reads an image config; `layers` is how many its manifest has. Null lists are read as absent. Fails with the label's code. */
export function parseConfig(bytes: Uint8Array, layers: number, label: DocumentLabel): ImageConfig {
  const config = check(configSchema, parseStrictJson(bytes, label), label);
  if (config.rootfs.diff_ids.length !== layers) {
    throw bad(label, `lists ${config.rootfs.diff_ids.length} layers, but the manifest has ${layers}`);
  }
  return withoutNulls(config) as ImageConfig;
}

/** Checks a value against a schema; fails with the label's code and the place that is wrong. */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  label: DocumentLabel,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const place = v.getDotPath(issue);
  throw bad(label, `is not valid: ${place ? `${place}: ` : ''}${issue.message}`);
}

function checkMediaType(
  own: string | undefined,
  expected: string | undefined,
  allowed: readonly string[],
  label: DocumentLabel,
): string {
  const mediaType = own ?? expected ?? allowed[0]!;
  if (expected !== undefined && mediaType !== expected) {
    throw bad(
      label,
      `says it is ${quoteForMessage(mediaType)}, but is named as ${quoteForMessage(expected)}`,
    );
  }
  if (!allowed.includes(mediaType))
    throw bad(label, `holds something else than its type ${quoteForMessage(mediaType)} says`);
  return mediaType;
}

function toDescriptor(raw: v.InferOutput<typeof manifestSchema>['config']): Descriptor {
  const { urls: _, annotations, platform, ...rest } = raw;
  return {
    ...rest,
    ...(annotations ? { annotations } : {}),
    ...(platform ? { platform: withoutNulls(platform) as NonNullable<Descriptor['platform']> } : {}),
  };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}

function bad(label: DocumentLabel, what: string): EngineError {
  return new EngineError(label.code, `${label.name} ${what}.`);
}
