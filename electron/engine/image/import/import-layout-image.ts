import { stat } from 'node:fs/promises';
import { EngineError } from '../../base/errors.ts';
import { quoteForMessage } from '../../base/go-quote.ts';
import { isDigest } from '../../base/digest.ts';
import { MEDIA_TYPE, type Descriptor } from '../oci.ts';
import { unknownArchive } from './archive-error.ts';
import type { ImageSource } from './image-source.ts';
import type { ImportContext } from './import-context.ts';
import { importOneOf, isOciLayout, layoutIndex } from './import-oci.ts';
import { blobName } from './member-name.ts';
import { openLayout } from './layout-source.ts';

/** Which image of a layout: by tag or digest; without both `latest`, or the only one there is. */
export interface LayoutChoice {
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const FULL_NAME = 'io.containerd.image.name';
const SHORT_NAME = 'org.opencontainers.image.ref.name';

/**
 * Brings one image of an OCI image layout folder into the store, under the context's lease, every digest verified; it is
 * neither recorded nor tagged. Of an index the image for the wanted platform is taken. Answers its manifest.
 * Fails with LAYOUT_IMAGE_MISSING, IMAGE_ARCHIVE_UNKNOWN where the folder is no layout, or as loadArchive does.
 */
export async function importLayoutImage(context: ImportContext, choice: LayoutChoice): Promise<Descriptor> {
  const { path } = choice;
  const shown = quoteForMessage(path);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw missing(`There is no folder ${shown}.`);
  if (!found.isDirectory()) throw unknownArchive(shown, 'it is no folder');
  const source = openLayout(context.store, context.lease, shown, path, context.signal);
  if (!(await isOciLayout(source)))
    throw unknownArchive(shown, 'it has no index.json with oci-layout beside it');
  const index = await layoutIndex(source);
  const chosen = choose(index, choice) ?? (await named(source, choice.digest));
  if (chosen) return (await importOneOf(context, source, chosen)).descriptor;
  const names = index.flatMap((descriptor) => tagOf(descriptor) ?? []);
  throw missing(
    `The layout ${shown} has no image ${choice.digest ?? choice.tag ?? 'latest'}.`,
    names.length === 0 ? undefined : `It has ${[...new Set(names)].slice(0, 20).join(', ')}.`,
  );
}

/** As many as have the tag are images of one name for several platforms. */
function choose(
  index: readonly Descriptor[],
  { tag, digest }: LayoutChoice,
): readonly Descriptor[] | undefined {
  if (digest !== undefined) {
    const found = index.find((descriptor) => descriptor.digest === digest);
    return found && [found];
  }
  const tagged = index.filter((descriptor) => tagOf(descriptor) === (tag ?? 'latest'));
  if (tagged.length > 0) return tagged;
  return tag === undefined && index.length === 1 ? index : undefined;
}

/** A digest may also name what an index of the layout leads to. */
async function named(
  source: ImageSource,
  digest: string | undefined,
): Promise<readonly Descriptor[] | undefined> {
  if (!isDigest(digest) || !(await source.has(blobName(digest)))) return undefined;
  const { size } = await source.ingest(blobName(digest));
  return [{ mediaType: MEDIA_TYPE.manifest, digest, size }];
}

/** The annotation holds a tag alone, or a name with a tag. */
function tagOf({ annotations }: Descriptor): string | undefined {
  const name = annotations?.[FULL_NAME] ?? annotations?.[SHORT_NAME];
  return name?.slice(name.lastIndexOf(':') + 1);
}

function missing(message: string, hint?: string): EngineError {
  return new EngineError('LAYOUT_IMAGE_MISSING', message, { hint });
}
