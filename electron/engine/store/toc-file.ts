import { digestOf, isDigest, type Digest } from '../base/digest.ts';
import type { Layer } from '../layer/layer.ts';
import { parseToc, serializeToc } from '../layer/toc-codec.ts';
import type { TocEntry } from '../layer/toc.ts';

/**
 * A file in `toc/`: one line of JSON about the layer, then the table of contents as layer/toc-codec.ts writes it. The line
 * holds the whole layer record and the digest of what follows, so that the file proves itself and the records of layers can
 * be made again from these files alone.
 */
interface Header {
  readonly version: 1;
  readonly layer: Layer;
  readonly toc: Digest;
}

/** No header is longer; more is not looked at when only the header is wanted. */
export const MAX_TOC_HEADER = 4096;

/** The file's content in two parts; `toc` may be the text already. */
export function encodeTocFile(layer: Layer, toc: readonly TocEntry[] | string): readonly [Buffer, Buffer] {
  const body = Buffer.from(typeof toc === 'string' ? toc : serializeToc(toc));
  const header: Header = { version: 1, layer, toc: digestOf(body) };
  return [Buffer.from(`${JSON.stringify(header)}\n`), body];
}

/** The layer a file begins with; undefined where it is no such file or belongs to another layer. */
export function decodeTocHeader(start: Buffer, diffId: Digest): Header | undefined {
  const end = start.indexOf(0x0a);
  if (end < 0 || end >= MAX_TOC_HEADER) return undefined;
  let header: Header;
  try {
    header = JSON.parse(start.toString('utf8', 0, end)) as Header;
  } catch {
    return undefined;
  }
  const valid =
    header?.version === 1 && isDigest(header.toc) && isLayer(header.layer) && header.layer.diffId === diffId;
  return valid ? header : undefined;
}

/** The entries of a whole file; undefined where it is not what was written. */
export function decodeTocFile(data: Buffer, diffId: Digest): readonly TocEntry[] | undefined {
  const header = decodeTocHeader(data.subarray(0, MAX_TOC_HEADER), diffId);
  if (header === undefined) return undefined;
  const body = data.subarray(data.indexOf(0x0a) + 1);
  return digestOf(body) === header.toc ? parseToc(body.toString('utf8')) : undefined;
}

function isLayer(value: Layer | undefined): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    isDigest(value.diffId) &&
    isDigest(value.contentDigest) &&
    isDigest(value.blob?.digest) &&
    isSize(value.blob.size) &&
    typeof value.blob.mediaType === 'string' &&
    isSize(value.size) &&
    typeof value.createdAt === 'string'
  );
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
