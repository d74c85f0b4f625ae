import type { Locator, Page } from '@playwright/test';
import type { HostKind } from '../support/running-app.ts';
import { dropFiles } from '../support/drop-files.ts';

/** What is on every screen, and how a folder comes into the window. */
export class AppWindow {
  readonly #page: Page;
  readonly #host: HostKind;
  readonly notifications: Locator;

  constructor(page: Page, host: HostKind) {
    this.#page = page;
    this.#host = host;
    this.notifications = page.getByRole('status', { name: 'Notifications' });
  }

  async goTo(screen: 'Projects' | 'Builds' | 'Images' | 'Storage'): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: screen }).click();
  }

  /**
   * Gives the window something of this machine: by dropping it, and where the page cannot learn the path, as in a
   * browser, by the dialog that opens then.
   */
  async give(path: string): Promise<void> {
    // A page that does not listen yet would let the browser open what is dropped.
    await this.#page.getByRole('heading', { level: 1 }).waitFor();
    await dropFiles(this.#page, path);
    if (this.#host !== 'serve') return;
    const dialog = this.#page.getByRole('dialog', { name: 'Open a folder' });
    // The first folder's path is put into the field when its list comes.
    await dialog.getByRole('list', { name: 'Folders and files' }).waitFor();
    await dialog.getByRole('textbox', { name: 'Path' }).fill(path);
    await dialog.getByRole('button', { name: 'Build this folder' }).click();
  }
}
