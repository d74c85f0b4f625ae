import { hexOf, type Digest } from '../../base/digest.ts';
import { EngineError } from '../../base/errors.ts';
import type { Store } from '../../store/store.ts';
import { MEDIA_TYPE, type Descriptor } from '../oci.ts';
import { familiarReference, parseReference } from '../reference.ts';
import { serializeIndex } from '../serialize.ts';
import { writeTo, type Destination, type ExportOptions } from './destination.ts';
import { portableImage, type ExportImage, type LayerForm, type PortableImage } from './portable-image.ts';
import { archive, archiveSize, textMember, type ArchiveMember } from './tar-archive.ts';

const DIRECTORIES = ['blobs', 'blobs/sha256'];
const LAYOUT = textMember('oci-layout', '{"imageLayoutVersion":"1.0.0"}');

export interface ArchiveOptions extends ExportOptions {
  /** How layers are packed. Default: as the store has them. */
  readonly layers?: LayerForm | undefined;
}

/**
 * Writes images as an OCI archive: a tar of an image layout (OCI image spec, image-layout.md). Every reference is in
 * index.json in full; where there are several, Docker's `manifest.json` is added, since some tools (podman 4) take an OCI
 * archive for one image only and find the others by that. Equal images give equal bytes. Memory use does not grow with the images.
 * Fails with EXPORT_DESTINATION, as {@link readImage} does, or with an AbortError; then nothing is left at the destination.
 */
export async function exportOciArchive(
  store: Store,
  images: readonly ExportImage[],
  destination: Destination,
  options: ArchiveOptions = {},
): Promise<{ readonly size: number }> {
  return writeImages(store, images, destination, options.layers ?? 'keep', severalNames, options);
}

/**
 * Writes images as `docker save` does today: an image layout that also has Docker's `manifest.json` (and `repositories`),
 * with layers uncompressed, so that every `docker load`, podman and skopeo's `docker-archive:` read it.
 * Fails as {@link exportOciArchive}.
 */
export async function exportDockerArchive(
  store: Store,
  images: readonly ExportImage[],
  destination: Destination,
  options: ExportOptions = {},
): Promise<{ readonly size: number }> {
  return writeImages(store, images, destination, 'none', dockerMembers, options);
}

async function writeImages(
  store: Store,
  images: readonly ExportImage[],
  destination: Destination,
  form: LayerForm,
  more: (images: readonly PortableImage[]) => readonly ArchiveMember[],
  options: ExportOptions,
): Promise<{ readonly size: number }> {
  using lease = store.lease('export');
  const portable: PortableImage[] = [];
  for (const image of images)
    portable.push(await portableImage({ store, lease }, image, form, options.signal));
  checkNames(portable);
  const members = [LAYOUT, indexMember(portable), ...more(portable), ...blobMembers(store, portable)];
  const total = archiveSize(DIRECTORIES, members);
  return writeTo(destination, archive(DIRECTORIES, members), { ...options, total });
}

/** A name may lead to one image only. */
function checkNames(images: readonly PortableImage[]): void {
  const owners = new Map<string, Digest>();
  for (const { descriptor, references } of images) {
    for (const reference of references) {
      const owner = owners.get(reference);
      if (owner !== undefined && owner !== descriptor.digest) {
        throw new EngineError(
          'EXPORT_NAME_TWICE',
          `Two images are to be saved as ${familiarReference(reference)}.`,
        );
      }
      owners.set(reference, descriptor.digest);
    }
  }
}

function indexMember(images: readonly PortableImage[]): ArchiveMember {
  const manifests = images.flatMap(({ descriptor, references }): Descriptor[] =>
    references.length === 0
      ? [descriptor]
      : references.map((reference) => ({
          ...descriptor,
          annotations: {
            'io.containerd.image.name': reference,
            'org.opencontainers.image.ref.name': reference,
          },
        })),
  );
  return textMember('index.json', serializeIndex(MEDIA_TYPE.index, manifests));
}

function severalNames(images: readonly PortableImage[]): readonly ArchiveMember[] {
  const names = images.reduce((sum, { references }) => sum + Math.max(1, references.length), 0);
  return names > 1 ? dockerMembers(images) : [];
}

/** RepoTags are in full: podman takes short ones for its own `localhost/`. */
function dockerMembers(images: readonly PortableImage[]): readonly ArchiveMember[] {
  const entries = images.map(({ manifest, references }) => ({
    Config: blobName(manifest.config.digest),
    RepoTags: references,
    Layers: manifest.layers.map((layer) => blobName(layer.digest)),
  }));
  const repositories = new Map<string, Record<string, string>>();
  for (const { references, diffIds } of images) {
    const top = diffIds.at(-1);
    for (const reference of top === undefined ? [] : references) {
      const { tag = 'latest', ...name } = parseReference(reference);
      const repository = familiarReference(`${name.domain}/${name.path}`);
      repositories.set(repository, { ...repositories.get(repository), [tag]: hexOf(top!) });
    }
  }
  const names = textMember('repositories', JSON.stringify(Object.fromEntries(repositories)));
  return [textMember('manifest.json', JSON.stringify(entries)), ...(repositories.size === 0 ? [] : [names])];
}

/** Each blob once: manifests, configs, then layers, in the order of the images. */
function blobMembers(store: Store, images: readonly PortableImage[]): readonly ArchiveMember[] {
  const members = new Map<Digest, ArchiveMember>();
  for (const { descriptor, manifestText } of images) {
    members.set(descriptor.digest, textMember(blobName(descriptor.digest), manifestText));
  }
  const stored = [
    ...images.map(({ manifest }) => manifest.config),
    ...images.flatMap(({ manifest }) => manifest.layers),
  ];
  for (const { digest, size } of stored) {
    members.set(digest, { name: blobName(digest), size, content: () => store.blobs.stream(digest) });
  }
  return [...members.values()];
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
