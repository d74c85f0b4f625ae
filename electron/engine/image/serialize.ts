import type { Descriptor, HistoryEntry, ImageConfig, Manifest, Platform, RunConfig } from './oci.ts';

/**
 * The bytes of configs, manifests and indexes. A digest is taken over them, so one value has one text: compact JSON, empty
 * fields left out, keys in the order Go's encoder gives them in BuildKit (structs as declared, maps sorted bytewise; a
 * config's top level is a map there).
 */

/** A member of an object; undefined, null, empty lists, empty maps, empty text, 0 and false are left out (Go's `omitempty`). */
type Member = readonly [key: string, json: string | undefined];

/** An image config's text (OCI image spec, config.md). */
export function serializeConfig(image: ImageConfig): string {
  return object([
    ['architecture', text(image.architecture)],
    ['author', text(image.author)],
    ['config', image.config && serializeRunConfig(image.config)],
    ['created', text(image.created)],
    ['history', list(image.history, serializeHistory)],
    ['os', text(image.os)],
    ['os.version', text(image['os.version'])],
    [
      'rootfs',
      object([
        ['type', text(image.rootfs.type)],
        ['diff_ids', JSON.stringify(image.rootfs.diff_ids)],
      ]),
    ],
    ['variant', text(image.variant)],
  ]);
}

/** An image manifest's text (OCI image spec, manifest.md). */
export function serializeManifest(manifest: Manifest): string {
  return object([
    ['schemaVersion', String(manifest.schemaVersion)],
    ['mediaType', text(manifest.mediaType)],
    ['config', serializeDescriptor(manifest.config)],
    ['layers', `[${manifest.layers.map(serializeDescriptor).join(',')}]`],
    ['annotations', map(manifest.annotations, JSON.stringify)],
  ]);
}

/** An image index's text (OCI image spec, image-index.md), as in index.json. */
export function serializeIndex(mediaType: string, manifests: readonly Descriptor[]): string {
  return object([
    ['schemaVersion', '2'],
    ['mediaType', text(mediaType)],
    ['manifests', `[${manifests.map(serializeDescriptor).join(',')}]`],
  ]);
}

function serializeRunConfig(config: RunConfig): string {
  const strings = (items: readonly string[] | null | undefined): string | undefined =>
    list(items, JSON.stringify);
  const healthcheck = config.Healthcheck;
  return object([
    ['User', text(config.User)],
    ['ExposedPorts', map(config.ExposedPorts, () => '{}')],
    ['Env', strings(config.Env)],
    ['Entrypoint', strings(config.Entrypoint)],
    ['Cmd', strings(config.Cmd)],
    ['Volumes', map(config.Volumes, () => '{}')],
    ['WorkingDir', text(config.WorkingDir)],
    ['Labels', map(config.Labels, JSON.stringify)],
    ['StopSignal', text(config.StopSignal)],
    ['ArgsEscaped', config.ArgsEscaped ? 'true' : undefined],
    [
      'Healthcheck',
      healthcheck &&
        object([
          ['Test', strings(healthcheck.Test)],
          ['Interval', number(healthcheck.Interval)],
          ['Timeout', number(healthcheck.Timeout)],
          ['StartPeriod', number(healthcheck.StartPeriod)],
          ['StartInterval', number(healthcheck.StartInterval)],
          ['Retries', number(healthcheck.Retries)],
        ]),
    ],
    ['OnBuild', strings(config.OnBuild)],
    ['Shell', strings(config.Shell)],
  ]);
}

function serializeHistory(entry: HistoryEntry): string {
  return object([
    ['created', text(entry.created)],
    ['created_by', text(entry.created_by)],
    ['author', text(entry.author)],
    ['comment', text(entry.comment)],
    ['empty_layer', entry.empty_layer ? 'true' : undefined],
  ]);
}

function serializeDescriptor(descriptor: Descriptor): string {
  return object([
    ['mediaType', text(descriptor.mediaType)],
    ['digest', text(descriptor.digest)],
    ['size', String(descriptor.size)],
    ['annotations', map(descriptor.annotations, JSON.stringify)],
    ['platform', descriptor.platform && serializePlatform(descriptor.platform)],
  ]);
}

function serializePlatform(platform: Platform): string {
  return object([
    ['architecture', text(platform.architecture)],
    ['os', text(platform.os)],
    ['os.version', text(platform['os.version'])],
    ['variant', text(platform.variant)],
  ]);
}

function object(members: readonly Member[]): string {
  const written = members.filter(([, json]) => json !== undefined);
  return `{${written.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

function text(value: string | undefined): string | undefined {
  return value ? JSON.stringify(value) : undefined;
}

function number(value: number | undefined): string | undefined {
  return value ? String(value) : undefined;
}

function list<Item>(
  items: readonly Item[] | null | undefined,
  write: (item: Item) => string,
): string | undefined {
  return items?.length ? `[${items.map((item) => write(item)).join(',')}]` : undefined;
}

function map<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  write: (value: Value) => string,
): string | undefined {
  const keys = Object.keys(record ?? {});
  if (keys.length === 0) return undefined;
  const sorted = keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return object(sorted.map((key) => [key, write(record![key]!)]));
}
