import * as v from 'valibot';
import { isDigest, type Digest } from '../base/digest.ts';
import { MAX_LAYERS, MAX_REFERENCES } from './limits.ts';

/** The shapes of OCI and Docker documents that come from outside; unknown members are left out (OCI image spec v1.1). */

const text = v.pipe(v.string(), v.maxLength(65_536));
const strings = v.array(text);
const stringMap = v.custom<Readonly<Record<string, string>>>(
  (value) => isPlainObject(value) && Object.values(value).every((member) => typeof member === 'string'),
  'must map text to text',
);
const keySet = v.custom<Readonly<Record<string, Record<string, never>>>>(
  (value) => isPlainObject(value) && Object.values(value).every(isPlainObject),
  'must map text to {}',
);
const digest = v.custom<Digest>(isDigest, 'must be "sha256:" and 64 lower-case hex digits');
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Go writes an empty list as null in many places. */
const orNull = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema));

const platform = v.object({
  os: text,
  architecture: text,
  variant: v.optional(text),
  'os.version': v.optional(text),
});

const descriptor = v.object({
  mediaType: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  digest,
  size: count,
  platform: v.optional(platform),
  annotations: orNull(stringMap),
  urls: orNull(strings),
});

const document = { schemaVersion: v.literal(2), mediaType: v.optional(text), annotations: orNull(stringMap) };

export const manifestSchema = v.object({
  ...document,
  config: descriptor,
  layers: v.pipe(v.array(descriptor), v.maxLength(MAX_LAYERS)),
});

export const indexSchema = v.object({
  ...document,
  manifests: v.pipe(v.array(descriptor), v.maxLength(MAX_REFERENCES)),
});

export const configSchema = v.object({
  architecture: v.optional(text, ''),
  os: v.optional(text, ''),
  'os.version': v.optional(text),
  variant: v.optional(text),
  created: orNull(text),
  author: v.optional(text),
  config: orNull(
    v.object({
      User: v.optional(text),
      ExposedPorts: orNull(keySet),
      Env: orNull(strings),
      Entrypoint: orNull(strings),
      Cmd: orNull(strings),
      Volumes: orNull(keySet),
      WorkingDir: v.optional(text),
      Labels: orNull(stringMap),
      StopSignal: v.optional(text),
      ArgsEscaped: v.optional(v.boolean()),
      Healthcheck: orNull(
        v.object({
          Test: orNull(strings),
          Interval: v.optional(v.number()),
          Timeout: v.optional(v.number()),
          StartPeriod: v.optional(v.number()),
          StartInterval: v.optional(v.number()),
          Retries: v.optional(v.number()),
        }),
      ),
      OnBuild: orNull(strings),
      Shell: orNull(strings),
    }),
  ),
  rootfs: v.object({
    type: v.literal('layers'),
    diff_ids: v.pipe(
      v.optional(v.nullable(v.array(digest)), []),
      v.transform((ids) => ids ?? []),
    ),
  }),
  history: orNull(
    v.pipe(
      v.array(
        v.object({
          created: orNull(text),
          created_by: v.optional(text),
          author: v.optional(text),
          comment: v.optional(text),
          empty_layer: v.optional(v.boolean()),
        }),
      ),
      v.maxLength(10 * MAX_LAYERS),
    ),
  ),
});

/** Docker's `manifest.json`. */
export const dockerManifestSchema = v.pipe(
  v.array(
    v.object({
      Config: text,
      RepoTags: orNull(v.pipe(strings, v.maxLength(MAX_REFERENCES))),
      Layers: orNull(v.pipe(strings, v.maxLength(MAX_LAYERS))),
    }),
  ),
  v.minLength(1),
  v.maxLength(MAX_REFERENCES),
);

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
