import type { Locator, Page } from '@playwright/test';

/** What takes room, and the dialog that cleans up. */
export class StoragePage {
  /** What the dialog says would go. */
  readonly told: Locator;
  readonly #page: Page;
  readonly #dialog: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#dialog = page.getByRole('dialog', { name: 'Clean up' });
    this.told = this.#dialog.getByRole('status');
  }

  kind(name: string): Locator {
    return this.#page
      .getByRole('table', { name: 'Storage by kind' })
      .getByRole('row')
      .filter({ hasText: name });
  }

  async openCleanUp(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Clean up…' }).click();
  }

  async choose(what: string): Promise<void> {
    await this.#dialog.getByRole('radio', { name: what }).check();
  }

  /** The size on the button. */
  async freeing(): Promise<string> {
    const label = await this.#dialog.getByRole('button', { name: /^Free / }).innerText();
    return label.replace('Free ', '').trim();
  }

  async free(): Promise<void> {
    await this.#dialog.getByRole('button', { name: /^Free / }).click();
  }
}
