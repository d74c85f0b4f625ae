import type { BuildTrigger } from '../../shared/build-events.ts';
import { neededSteps, type BuildState } from '../../shared/build-state.ts';
import { displayText, formatCount } from '../../shared/format.ts';
import { watchedFilesText } from '../../shared/watch-words.ts';

/** The last part of a folder's path, on either kind of system. */
export function folderName(folder: string): string {
  return folder.split(/[/\\]/).findLast((part) => part !== '') ?? folder;
}

export function triggerWords(trigger: BuildTrigger): string {
  if (trigger.kind === 'manual') return 'You';
  const { files, count = files.length } = trigger;
  return files.length === 0 ? 'A change' : watchedFilesText(files, count);
}

/** What the build is doing, for its heading. */
export function phaseWords(state: BuildState): string {
  if (state.phase === 'waiting') return 'Starting';
  const task = state.tasks.findLast((each) => each.finishedAt === undefined);
  if (state.phase === 'preparing') return displayText(task?.name ?? 'Preparing', 80);
  const done = neededSteps(state) - state.counts.waiting - state.counts.running;
  return `Step ${Math.min(done + 1, neededSteps(state))} of ${neededSteps(state)}`;
}

/** One sentence about how it stands, for people who listen. Changes only when a step ends or the build does. */
export function announcement(state: BuildState): string {
  const { counts } = state;
  if (state.outcome === 'succeeded')
    return `The build succeeded: ${formatCount(counts.built, 'step')} built, ${counts.cached} from the cache.`;
  if (state.outcome === 'failed') return `The build failed: ${displayText(state.error?.message ?? '', 300)}`;
  if (state.outcome === 'cancelled') return 'The build was cancelled.';
  const done = neededSteps(state) - counts.waiting - counts.running;
  return done > 0 ? `${done} of ${formatCount(neededSteps(state), 'step')} done` : '';
}
