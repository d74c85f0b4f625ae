import { basename } from 'node:path';
import { BrowserWindow, Notification } from 'electron';
import type { BuildSummary } from '../../shared/build-events.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
}

/** Shows a notice if nobody is looking at the window. A click brings the window to the front. */
export function showNotice(notice: Notice, showWindow: () => void): void {
  if (BrowserWindow.getFocusedWindow() || !Notification.isSupported()) return;
  const notification = new Notification(notice);
  notification.on('click', showWindow);
  notification.show();
}

/**
 * Answers a function that says how each build has ended. Of the builds made on save only failures are told, and the first
 * that works again: they come with every save.
 */
export function createBuildNotifier(show: (notice: Notice) => void): (build: BuildSummary) => void {
  const broken = new Set<string>();
  return (build) => {
    const { folder, outcome, trigger } = build;
    const recovered = outcome === 'succeeded' && broken.delete(folder);
    if (outcome === 'failed') broken.add(folder);
    const notice = describeResult(build);
    if (!notice || (trigger.kind === 'watch' && outcome === 'succeeded' && !recovered)) return;
    show(recovered ? { ...notice, title: `${basename(folder)} is built again` } : notice);
  };
}

/** The notice's words; undefined where there is nothing to say: who cancels a build knows. */
export function describeResult(build: BuildSummary): Notice | undefined {
  const name = basename(build.folder);
  if (build.outcome === 'succeeded') {
    return { title: `${name} is built`, body: build.image?.references.join(', ') || 'The image has no tag.' };
  }
  if (build.outcome === 'failed') {
    return { title: `${name} could not be built`, body: build.error?.message ?? 'The build failed.' };
  }
  return undefined;
}
