import { formatBytes, formatCount } from './format.ts';
import type { PruneReport, StorageKind } from './storage.ts';

/** How the kinds of storage are called, the same in the window and in the terminal. */
export const KIND_WORDS: Readonly<Record<StorageKind, string>> = {
  images: 'Images',
  cache: 'Build cache',
  snapshots: 'Unpacked layers',
  cacheMounts: 'Cache mounts',
  builds: 'Build logs',
  failedSteps: 'Failed steps',
  fileLists: 'File lists',
  other: 'Other',
};

const COUNTED: Readonly<Record<StorageKind, readonly [string, string?]>> = {
  images: ['image'],
  cache: ['cache record'],
  snapshots: ['unpacked layer'],
  cacheMounts: ['cache mount'],
  builds: ['build log'],
  failedSteps: ['failed step'],
  fileLists: ['file list'],
  other: ['other thing'],
};

/** What of a kind went or would go: `3 cache records, 1.20 MB`. */
export function countWords({ kind, count, bytes }: PruneReport['kinds'][number]): string {
  return `${formatCount(count, ...COUNTED[kind])}, ${formatBytes(bytes)}`;
}

/** The whole in one sentence. */
export function reportSentence({ freed, kinds, dryRun }: PruneReport): string {
  const count = kinds.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) return 'Nothing to clean up.';
  const things = formatCount(count, 'thing');
  return dryRun
    ? `${things} would go, which frees ${formatBytes(freed)}.`
    : `Removed ${things}, freed ${formatBytes(freed)}.`;
}
