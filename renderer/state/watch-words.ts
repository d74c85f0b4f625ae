import type { WatchState } from '../../shared/contract.ts';
import { watchedFilesText } from '../../shared/watch-words.ts';

/** The state in a word or two. */
export function watchWords({ phase, number }: Pick<WatchState, 'phase' | 'number'>): string {
  switch (phase) {
    case 'starting':
      return 'Starting';
    case 'watching':
      return 'Watching';
    case 'changes':
      return 'Changes seen';
    case 'building':
      return `Building #${number}`;
    case 'queued':
      return `Queued after #${number}`;
    case 'paused':
      return 'Paused';
    case 'failed':
      return 'Not watching';
  }
}

/** What was saved, and what came of it; the empty string where there is nothing to say. */
export function watchNote(state: WatchState): string {
  const { phase, files, fileCount, unchanged, error } = state;
  if (error) return error.message;
  const saved = watchedFilesText(files, fileCount);
  if (phase === 'paused') return saved && fileCount > 0 ? `Saved: ${saved}` : '';
  if (phase === 'watching' && unchanged && state.number > 1) return 'The last save changed nothing';
  return saved === '' ? '' : `Saved: ${saved}`;
}
