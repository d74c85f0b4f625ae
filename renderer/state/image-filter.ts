import type { ImageSummary } from '../../shared/contract.ts';
import { completeReference, familiarReference, shortId } from '../../shared/format.ts';

export type ImageKind = 'all' | 'tagged' | 'untagged' | 'built' | 'loaded' | 'pulled';

export const IMAGE_KINDS: readonly { readonly value: ImageKind; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'tagged', label: 'Tagged' },
  { value: 'untagged', label: 'Untagged' },
  { value: 'built', label: 'Built here' },
  { value: 'loaded', label: 'Loaded' },
  { value: 'pulled', label: 'Pulled' },
];

/** Images of a kind whose references or IDs hold every word of `search`; newest first. */
export function filterImages(
  images: readonly ImageSummary[],
  kind: ImageKind,
  search: string,
): readonly ImageSummary[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return images
    .filter((image) => isKind(image, kind) && words.every((word) => haystack(image).includes(word)))
    .sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
}

/** What a person would call the image: its first reference, or its ID where it has none. */
export function imageName(image: Pick<ImageSummary, 'id' | 'references'>): string {
  const [first] = image.references;
  return first === undefined ? shortId(image.id) : familiarReference(first);
}

/** The image that has the reference which `text` most likely stands for. */
export function referenceHolder(images: readonly ImageSummary[], text: string): ImageSummary | undefined {
  if (text.trim() === '') return undefined;
  const full = completeReference(text.trim());
  return images.find((image) => image.references.includes(full));
}

function isKind(image: ImageSummary, kind: ImageKind): boolean {
  if (kind === 'all') return true;
  if (kind === 'tagged' || kind === 'untagged') return (kind === 'tagged') === image.references.length > 0;
  return image.origin === kind;
}

function haystack(image: ImageSummary): string {
  return [...image.references, image.id, image.config].join(' ').toLowerCase();
}
