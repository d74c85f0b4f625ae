import type { Locator, Page } from '@playwright/test';

/** The dialogs that pull and push, and the list of what goes on behind them. */
export class Transfers {
  readonly pullDialog: Locator;
  readonly pushDialog: Locator;
  readonly background: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.pullDialog = page.getByRole('dialog', { name: 'Pull an image' });
    this.pushDialog = page.getByRole('dialog', { name: /^Push / });
    this.background = page.getByRole('region', { name: 'Transfers' });
  }

  /** Opens the dialog by its key and begins. */
  async pull(reference: string): Promise<void> {
    await this.#page.keyboard.press('Control+p');
    await this.pullDialog.getByRole('textbox', { name: 'Reference' }).fill(reference);
    await this.pullDialog.getByRole('button', { name: 'Pull', exact: true }).click();
  }

  /** In the open push dialog: gives the image another name and begins. */
  async pushAs(reference: string): Promise<void> {
    await this.pushDialog.getByRole('radio', { name: 'Another name' }).check();
    await this.pushDialog.getByRole('textbox', { name: 'Name to push as' }).fill(reference);
    await this.pushDialog.getByRole('button', { name: 'Push', exact: true }).click();
  }
}
