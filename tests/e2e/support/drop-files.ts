import { basename } from 'node:path';
import type { Page } from '@playwright/test';

/**
 * Drags files or folders of this machine over the page and lets them go: real drag events with real files, as the
 * browser makes them for a person. The double cannot ask the browser for a file's path, so it is told by name.
 */
export async function dragFiles(page: Page, paths: readonly string[]): Promise<{ drop(): Promise<void> }> {
  await page.evaluate(
    (table) => {
      Object.defineProperty(window, Symbol.for('slipway.double.paths'), { value: table, configurable: true });
    },
    Object.fromEntries(paths.map((path) => [basename(path), path])),
  );
  const { width, height } = page.viewportSize() ?? { width: 800, height: 600 };
  const session = await page.context().newCDPSession(page);
  const dispatch = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
    session.send('Input.dispatchDragEvent', {
      type,
      x: Math.round(width / 2),
      y: Math.round(height / 2),
      data: { items: [], files: [...paths], dragOperationsMask: 1 },
    });
  await dispatch('dragEnter');
  await dispatch('dragOver');
  return {
    async drop() {
      await dispatch('drop');
      await session.detach();
    },
  };
}

/** Drags and drops in one go. */
export async function dropFiles(page: Page, ...paths: readonly string[]): Promise<void> {
  await (await dragFiles(page, paths)).drop();
}
