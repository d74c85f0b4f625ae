import { displayText, familiarReference, formatRelative, shortId } from '../../shared/format.ts';
import type { StorageItem, StorageKind } from '../../shared/storage.ts';

export const KIND_NOTES: Readonly<Record<StorageKind, string>> = {
  images: 'Everything that images are made of.',
  cache: 'Layers that only the build cache has; without them their steps run again.',
  snapshots: 'Layers unpacked for RUN; unpacked again when they are needed.',
  cacheMounts: 'Folders of RUN --mount=type=cache.',
  builds: 'The history of builds, with their logs.',
  failedSteps: 'File systems of failed steps, for a shell.',
  fileLists: 'What contexts held, for finding and explaining changes.',
  other: 'The database, and work under way.',
};

const MOST = 50;

/** The largest things; the rest is in the sums. */
export function listedItems(items: readonly StorageItem[]): readonly StorageItem[] {
  return items
    .filter(({ kind, bytes }) => kind !== 'other' && kind !== 'fileLists' && bytes > 0)
    .slice(0, MOST);
}

/** What an item is called on one line. */
export function itemName({ kind, id, name }: StorageItem): string {
  switch (kind) {
    case 'images': {
      const names = name.split(', ').map(familiarReference).join(', ');
      return displayText(name.includes('/') ? names : `${name} (${shortId(id)})`, 200);
    }
    case 'snapshots':
      return `Layer ${shortId(name)}`;
    case 'builds':
      return displayText(`${name}, ${id}`, 200);
    default:
      return displayText(name, 200);
  }
}

export function lastUse({ inUse, usedAt }: StorageItem, now: number): string {
  if (inUse) return 'in use now';
  return usedAt === undefined ? '–' : formatRelative(usedAt, now);
}
