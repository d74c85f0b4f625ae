import type { Digest } from '../base/digest.ts';
import { isDigest } from '../base/digest.ts';
import { familiarReference, normalizeReference } from '../image/reference.ts';
import { MEDIA_TYPE, type Descriptor } from '../image/oci.ts';

/** What skopeo, podman and buildah look for in `oci:DIR:NAME` (OCI image spec, annotations.md): the short name, `app:latest`. */
const REF_NAME = 'org.opencontainers.image.ref.name';
/** The full name, as containerd writes it. */
const FULL_NAME = 'io.containerd.image.name';
/** Counts the changes, so that of file and database the newer one is known after a crash. */
const REVISION = 'dev.slipway.revision';

export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** Full reference; absent for an entry that has no name. */
  readonly reference?: string;
}

export interface ImageIndex {
  /** 0 in a file that another tool made. */
  readonly revision: number;
  readonly entries: readonly IndexEntry[];
}

/** The text of index.json: one descriptor a reference, in the order given. Deterministic. */
export function formatIndex(index: ImageIndex): string {
  const manifests = index.entries.map(({ descriptor, reference }) => ({
    ...descriptor,
    annotations: {
      ...descriptor.annotations,
      ...(reference === undefined
        ? {}
        : { [REF_NAME]: familiarReference(reference), [FULL_NAME]: reference }),
    },
  }));
  const annotations = { [REVISION]: String(index.revision) };
  return `${JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests, annotations }, undefined, 2)}\n`;
}

/** Reads an index.json, whoever wrote it; undefined where it is none. Entries without a valid descriptor are left out. */
export function parseIndex(text: string): ImageIndex | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !Array.isArray(value['manifests'])) return undefined;
  const annotations = isObject(value['annotations']) ? value['annotations'] : {};
  const revision = Number(annotations[REVISION]);
  return {
    revision: Number.isSafeInteger(revision) && revision > 0 ? revision : 0,
    entries: value['manifests'].flatMap((each) => parseEntry(each) ?? []),
  };
}

function parseEntry(value: unknown): IndexEntry | undefined {
  if (!isObject(value)) return undefined;
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || !isDigest(digest) || !Number.isSafeInteger(size)) return undefined;
  const {
    [REF_NAME]: short,
    [FULL_NAME]: full,
    ...annotations
  } = isObject(value['annotations']) ? value['annotations'] : {};
  const reference = validReference(full) ?? validReference(short);
  const descriptor = {
    mediaType,
    digest: digest satisfies Digest,
    size,
    ...(isObject(value['platform']) ? { platform: value['platform'] } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  } as unknown as Descriptor;
  return { descriptor, ...(reference === undefined ? {} : { reference }) };
}

function validReference(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  try {
    return normalizeReference(name);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
