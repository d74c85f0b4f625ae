import { basename } from 'node:path';
import { BrowserWindow, Notification } from 'electron';
import type { BuildSummary } from '../../shared/build-events.ts';

/** Says that a build has ended, if nobody is looking at the window. A click brings the window to the front. */
export function notifyBuildFinished(build: BuildSummary, showWindow: () => void): void {
  if (BrowserWindow.getFocusedWindow() || !Notification.isSupported()) return;
  const notice = describeResult(build);
  if (!notice) return;
  const notification = new Notification(notice);
  notification.on('click', showWindow);
  notification.show();
}

/** The notice's words; undefined where there is nothing to say: who cancels a build knows. */
export function describeResult(
  build: BuildSummary,
): { readonly title: string; readonly body: string } | undefined {
  const name = basename(build.folder);
  if (build.outcome === 'succeeded') {
    return { title: `${name} is built`, body: build.image?.references.join(', ') || 'The image has no tag.' };
  }
  if (build.outcome === 'failed') {
    return { title: `${name} could not be built`, body: build.error?.message ?? 'The build failed.' };
  }
  return undefined;
}
